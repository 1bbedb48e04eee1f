"""Requests about nested stacks that only their roots may make.

Sources: AWS CloudFormation User Guide, "Protect CloudFormation stacks from being deleted", "Nested stacks"; the API's
"ContinueUpdateRollback". Their sentences are ours; no page has them.
"""

from __future__ import annotations

from ministack.services.cloudformation import handlers, helpers

from sandbox.corrections.cloudformation.operations.events import STACK
from sandbox.corrections.cloudformation.requests.statuses import Request, Response, check_first

NAMES = {
    "ministack.services.cloudformation.handlers": "_resolve_stack",
    "ministack.services.cloudformation.helpers": "_error _p",
}
OVERRIDES = {
    "CloudFormation: termination protection of nested stacks": "ministack protects each stack by itself; a nested one "
    "is protected with its root",
    "CloudFormation: ContinueUpdateRollback": "refused where a nested stack could not be rolled back; ministack would "
    "deploy it by its own engine",
}


def leave_nested_stacks_to_their_roots() -> None:
    """Refuse what only a root may be asked."""
    check_first("DeleteStack", _check_deletion)
    check_first("UpdateTerminationProtection", _check_protection)
    check_first("ContinueUpdateRollback", _check_rollback)


def root_of(stack: dict) -> dict:
    """The root of a nested stack; the stack itself if it has none."""
    return handlers._resolve_stack(stack.get("RootId", "")) or stack


def _check_deletion(request: Request) -> Response | None:
    stack = _nested(request)
    if stack is None or not root_of(stack).get("EnableTerminationProtection"):
        return None
    root = f"TerminationProtection is enabled on its root stack [{stack['RootId']}]"
    return helpers._error("ValidationError", f"Stack [{stack['StackId']}] cannot be deleted while {root}")


def _check_protection(request: Request) -> Response | None:
    stack = _nested(request)
    if stack is None:
        return None
    sentence = f"Stack [{stack['StackId']}] is a nested stack; its termination protection is that of its root stack"
    return helpers._error("ValidationError", f"{sentence} [{stack['RootId']}].")


def _check_rollback(request: Request) -> Response | None:
    stack = handlers._resolve_stack(helpers._p(request, "StackName"))
    if stack is None:
        return None
    if "RootId" in stack:
        sentence = f"Stack [{stack['StackId']}] is a nested stack; continue the rollback of its root stack"
        return helpers._error("ValidationError", f"{sentence} [{stack['RootId']}].")
    failed = stack.get("_rollback_failed", {})
    nested = sorted(logical_id for logical_id, record in failed.items() if record["ResourceType"] == STACK)
    if not nested:
        return None
    sentence = f"the sandbox does not continue the rollback of nested stacks ({', '.join(nested)})"
    return helpers._error("ValidationError", f"{sentence}; delete the stack and create it again.")


def _nested(request: Request) -> dict | None:
    stack = handlers._resolve_stack(helpers._p(request, "StackName"))
    return stack if stack is not None and "RootId" in stack else None
