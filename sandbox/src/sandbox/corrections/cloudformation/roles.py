"""The service role of a stack: set by an operation, kept for all later ones.

"AWS CloudFormation service role": "CloudFormation uses the role for all operations that are performed on that stack",
for any caller, until an operation sets another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, helpers

from sandbox.corrections.cloudformation.resource_calls import deploy_role

Request = dict[str, list[str]]
Response = tuple[int, dict, bytes]


def keep_roles() -> None:
    """Keep the RoleARN of operations that accept one."""
    for action in ("CreateStack", "UpdateStack", "DeleteStack", "RollbackStack", "ContinueUpdateRollback"):
        _wrap(action, _keeping)
    _wrap("CreateChangeSet", _kept_by_the_change_set)
    _wrap("ExecuteChangeSet", _brought_by_the_change_set)
    go_on = handlers._continue_update_rollback_async

    async def continue_update_rollback(stack_name: str, stack_id: str, skipped: Any) -> None:
        deploy_role.set(cloudformation._stacks[stack_name].get("RoleARN"))
        await go_on(stack_name, stack_id, skipped)

    handlers._continue_update_rollback_async = continue_update_rollback


def _wrap(action: str, around: Callable[[Callable[[Request], Response], Request], Response]) -> None:
    handle = handlers._ACTION_HANDLERS[action]
    handlers._ACTION_HANDLERS[action] = lambda request: around(handle, request)


def _keeping(handle: Callable[[Request], Response], request: Request) -> Response:
    """Handle a request, and keep its role on the stack for the scheduled operation."""
    response = handle(request)
    stack, role = handlers._resolve_stack(helpers._p(request, "StackName")), helpers._p(request, "RoleARN")
    if role and stack and response[0] == 200:
        stack["RoleARN"] = role
    return response


def _kept_by_the_change_set(handle: Callable[[Request], Response], request: Request) -> Response:
    known = set(cloudformation._change_sets.keys())
    response = handle(request)
    for change_set_id in set(cloudformation._change_sets.keys()) - known:
        change_set = cloudformation._change_sets[change_set_id]
        change_set["RoleARN"] = helpers._p(request, "RoleARN")
        if change_set["ChangeSetType"] == "CREATE":
            _give(cloudformation._stacks[change_set["StackName"]], change_set)
    return response


def _brought_by_the_change_set(handle: Callable[[Request], Response], request: Request) -> Response:
    names = helpers._p(request, "ChangeSetName"), helpers._p(request, "StackName")
    _, change_set = changesets._find_change_set(*names)
    response = handle(request)
    if change_set and response[0] == 200:
        _give(cloudformation._stacks[change_set["StackName"]], change_set)
    return response


def _give(stack: dict, change_set: dict) -> None:
    if role := change_set.get("RoleARN"):
        stack["RoleARN"] = role
