"""The options of a stack: its service role, its topics, its time limit and its policy.

"AWS CloudFormation service role": "CloudFormation uses the role for all operations that are performed on that stack",
for any caller, until an operation sets another one. Topics are kept in the same way ("UpdateStack", NotificationARNs).
A temporary policy holds for one update ("Prevent updates to stack resources").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, helpers

from sandbox.corrections.cloudformation.operations.resource_calls import deploy_role
from sandbox.corrections.cloudformation.operations.stack_policies import policy_fault
from sandbox.corrections.cloudformation.requests.statuses import Request, Response, check_first

NAMES = {
    "ministack.services.cloudformation.handlers": "_ACTION_HANDLERS _continue_update_rollback_async _resolve_stack",
    "ministack.services.cloudformation.helpers": "_error _extract_string_members _p _resolve_document",
}
OVERRIDES = {
    "CloudFormation: stack policies": "ministack stores them; updates are refused by them",
    "CloudFormation: TimeoutInMinutes": "ministack drops it; a creation is cancelled by then, in real minutes",
}
_DURING_UPDATE = ("StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL")
_POLICIES = (("StackPolicyBody", "StackPolicyURL"), _DURING_UPDATE)


def keep_options() -> None:
    """Keep the options of operations that accept them."""
    for action in ("CreateStack", "UpdateStack", "DeleteStack", "RollbackStack", "ContinueUpdateRollback"):
        _wrap(action, _keeping)
    _wrap("CreateChangeSet", _kept_by_the_change_set)
    _wrap("ExecuteChangeSet", _brought_by_the_change_set)
    _wrap("UpdateStack", _under_its_policy)
    for action in ("CreateStack", "UpdateStack", "SetStackPolicy"):
        check_first(action, _check_policies)
    go_on = handlers._continue_update_rollback_async

    async def continue_update_rollback(stack_name: str, stack_id: str, skipped: Any) -> None:
        deploy_role.set(cloudformation._stacks[stack_name].get("RoleARN"))
        await go_on(stack_name, stack_id, skipped)

    handlers._continue_update_rollback_async = continue_update_rollback


def _wrap(action: str, around: Callable[[Callable[[Request], Response], Request], Response]) -> None:
    handle = handlers._ACTION_HANDLERS[action]
    handlers._ACTION_HANDLERS[action] = lambda request: around(handle, request)


def _keeping(handle: Callable[[Request], Response], request: Request) -> Response:
    """Handle a request, and keep its options on the stack for the scheduled operation."""
    response = handle(request)
    stack = handlers._resolve_stack(helpers._p(request, "StackName"))
    if stack and response[0] == 200:
        stack |= _options(request)
    return response


def _options(request: Request) -> dict[str, Any]:
    """The options that a request states. An empty list of topics removes those of the stack."""
    stated: dict[str, Any] = {}
    if role := helpers._p(request, "RoleARN"):
        stated["RoleARN"] = role
    topics = helpers._extract_string_members(request, "NotificationARNs")
    if topics or "NotificationARNs" in request:
        stated["NotificationARNs"] = topics
    if minutes := helpers._p(request, "TimeoutInMinutes"):
        stated["TimeoutInMinutes"] = int(minutes)
    return stated


def _under_its_policy(handle: Callable[[Request], Response], request: Request) -> Response:
    """Update under the temporary policy, or under the one before the request."""
    stack = handlers._resolve_stack(helpers._p(request, "StackName")) or {}
    temporary, _ = helpers._resolve_document(request, *_DURING_UPDATE, "Stack policy")
    policy = temporary or stack.get("_stack_policy", "")
    response = handle(request)
    if response[0] == 200:
        stack["_update_policy"] = policy
    return response


def _check_policies(request: Request) -> Response | None:
    for body, url in _POLICIES:
        policy, refusal = helpers._resolve_document(request, body, url, "Stack policy")
        if refusal is not None:
            return refusal
        if policy and (fault := policy_fault(policy)):
            return helpers._error("ValidationError", f"Error validating stack policy: Invalid stack policy: {fault}")
    return None


def _kept_by_the_change_set(handle: Callable[[Request], Response], request: Request) -> Response:
    known = set(cloudformation._change_sets.keys())
    response = handle(request)
    for change_set_id in set(cloudformation._change_sets.keys()) - known:
        change_set = cloudformation._change_sets[change_set_id]
        change_set["_options"] = _options(request)
        if change_set["ChangeSetType"] == "CREATE":
            cloudformation._stacks[change_set["StackName"]] |= change_set["_options"]
    return response


def _brought_by_the_change_set(handle: Callable[[Request], Response], request: Request) -> Response:
    names = helpers._p(request, "ChangeSetName"), helpers._p(request, "StackName")
    _, change_set = changesets._find_change_set(*names)
    response = handle(request)
    if change_set and response[0] == 200:
        cloudformation._stacks[change_set["StackName"]] |= change_set.get("_options", {})
    return response
