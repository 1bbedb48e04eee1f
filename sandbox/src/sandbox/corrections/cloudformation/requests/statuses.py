"""Refusal of requests by the stack's status.

Sentences as clients report them, since no AWS page has them: "Stack:ARN is in ROLLBACK_COMPLETE state and can not be
updated.", "Stack [ARN] cannot be deleted while in status UPDATE_IN_PROGRESS" and "Stack [NAME] already exists and
cannot be created again with the changeSet [NAME]."
"""

from __future__ import annotations

from collections.abc import Callable

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, helpers, stacks

from sandbox.corrections.cloudformation.operations.engine import Engine
from sandbox.corrections.cloudformation.operations.exports import ExportRefused, check_removal
from sandbox.corrections.cloudformation.requests.imports import check_imported_types

Request = dict[str, list[str]]
Response = tuple[int, dict, bytes]
Check = Callable[[Request], Response | None]

UPDATABLE = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "CREATE_FAILED",
    "UPDATE_FAILED",
)
_DELETABLE_WHILE_BUSY = ("CREATE_IN_PROGRESS", "REVIEW_IN_PROGRESS")


def refuse_what_a_status_forbids(engine: Engine) -> None:
    """Check the stack's status before ministack handles an operation."""

    def delete(request: Request) -> Response | None:
        return check_delete_stack(request, engine)

    check_first("CreateStack", check_create_stack)
    check_first("UpdateStack", check_update_stack)
    check_first("CreateChangeSet", check_create_change_set)
    check_first("CreateChangeSet", check_imported_types)
    check_first("ExecuteChangeSet", check_execute_change_set)
    check_first("DeleteStack", delete)
    handlers._ACTION_HANDLERS["UpdateStack"] = _also_after_a_failure(handlers._ACTION_HANDLERS["UpdateStack"])
    _then("CancelUpdateStack", lambda request: engine.cancel(_stack(request)["StackId"]))  # type: ignore[index]


def check_create_stack(request: Request) -> Response | None:
    """Refuse the name of a stack in ROLLBACK_COMPLETE, which can only be deleted."""
    name = helpers._p(request, "StackName")
    stack = cloudformation._stacks.get(name)
    if stack and stack["StackStatus"] == "ROLLBACK_COMPLETE":
        return helpers._error("AlreadyExistsException", f"Stack [{name}] already exists")
    return None


def check_update_stack(request: Request) -> Response | None:
    """Refuse to update a stack unless it is at rest."""
    return _not_updatable(_stack(request))


def check_create_change_set(request: Request) -> Response | None:
    """Require a new name for type CREATE, a stack at rest for other types."""
    stack, kind = _stack(request), helpers._p(request, "ChangeSetType", "UPDATE")
    if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        return None
    if kind == "CREATE":
        named = f"[{stack['StackName']}] already exists and cannot be created again with the changeSet"
        return helpers._error("ValidationError", f"Stack {named} [{helpers._p(request, 'ChangeSetName')}].")
    return _not_updatable(stack)


def check_execute_change_set(request: Request) -> Response | None:
    """Require a stack at rest, or the stack that the change set creates."""
    names = helpers._p(request, "ChangeSetName"), helpers._p(request, "StackName")
    _, change_set = changesets._find_change_set(*names)
    stack = cloudformation._stacks.get(change_set["StackName"]) if change_set else None
    if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        return None
    return _not_updatable(stack)


def check_delete_stack(request: Request, engine: Engine) -> Response | None:
    """Require a stack at rest or in creation; exports in use are checked later."""
    stack = _stack(request)
    if stack is None or stack.get("EnableTerminationProtection"):
        return None
    status, stack_id = stack["StackStatus"], stack["StackId"]
    if status == "DELETE_IN_PROGRESS":
        return helpers._xml(200, "DeleteStackResponse", "")
    if status.endswith("_IN_PROGRESS") and status not in _DELETABLE_WHILE_BUSY:
        return helpers._error("ValidationError", f"Stack [{stack_id}] cannot be deleted while in status {status}")
    try:
        check_removal(stack, {})
    except ExportRefused:
        stacks._create_stack_task_in_region(engine.delete(stack["StackName"], stack_id), stack, stack_id)
        return helpers._xml(200, "DeleteStackResponse", "")
    return None


def _stack(request: Request) -> dict | None:
    """The existing stack that a request names, by name or id."""
    stack = handlers._resolve_stack(helpers._p(request, "StackName"))
    return None if stack is None or stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _not_updatable(stack: dict | None) -> Response | None:
    if stack is None or stack["StackStatus"] in UPDATABLE:
        return None
    status = f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
    return helpers._error("ValidationError", status)


def check_first(action: str, check: Check) -> None:
    """Answer an action with the check's refusal, if any."""
    handle = handlers._ACTION_HANDLERS[action]
    handlers._ACTION_HANDLERS[action] = lambda request: check(request) or handle(request)


def _also_after_a_failure(update: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Let UpdateStack continue an operation that failed without rollback ("Stack failure options")."""

    def handle(request: Request) -> Response:
        stack = _stack(request)
        if stack is None or stack["StackStatus"] not in ("CREATE_FAILED", "UPDATE_FAILED"):
            return update(request)
        status, stack["StackStatus"] = stack["StackStatus"], "UPDATE_COMPLETE"
        response = update(request)
        if response[0] != 200:
            stack["StackStatus"] = status
        return response

    return handle


def _then(action: str, follow: Callable[[Request], None]) -> None:
    """Call a function after an accepted action."""
    handle = handlers._ACTION_HANDLERS[action]

    def handle_and_follow(request: Request) -> Response:
        response = handle(request)
        if response[0] == 200:
            follow(request)
        return response

    handlers._ACTION_HANDLERS[action] = handle_and_follow
