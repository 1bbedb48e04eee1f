"""The answers of DescribeStacks and ListStacks ("Stack", "StackSummary")."""

from __future__ import annotations

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers
from ministack.services.cloudformation.helpers import _error, _extract_stack_status_filters, _p, _page

from sandbox.corrections.cloudformation.nested.requests import root_of
from sandbox.corrections.cloudformation.requests.query_xml import answer
from sandbox.corrections.cloudformation.requests.shown_parameters import shown

NAMES = {
    "ministack.services.cloudformation": "_stacks",
    "ministack.services.cloudformation.handlers": "_ACTION_HANDLERS",
    "ministack.services.cloudformation.helpers": "_error _extract_stack_status_filters _p _page",
}
OVERRIDES = {
    "CloudFormation: DescribeStacks, ListStacks": "ministack leaves out the role, the parent and the root of a nested "
    "stack, and shows the value of an SSM parameter in place of its name"
}

Request = dict[str, list[str]]

_SUMMARY = (
    *("StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime"),
    *("StackStatus", "StackStatusReason", "ParentId", "RootId"),
)
_PLAIN = (*_SUMMARY, "Description", "RoleARN", "TimeoutInMinutes", "DeletionMode")
_LISTS = ("NotificationARNs", "Capabilities", "Outputs", "Tags")


def show_stacks() -> None:
    """Serve DescribeStacks and ListStacks."""
    handlers._ACTION_HANDLERS["DescribeStacks"] = describe_stacks
    handlers._ACTION_HANDLERS["ListStacks"] = list_stacks


def describe_stacks(request: Request) -> tuple:
    """Describe one stack by name or id, or all that are not deleted.

    A deleted stack has its id only.
    """
    name = _p(request, "StackName")
    stacks = [stack for stack in cloudformation._stacks.values() if _is_described(stack, name)]
    if name and not stacks:
        return _error("ValidationError", f"Stack with id {name} does not exist")
    page, next_token, error = _page(stacks, request, "DescribeStacks")
    return error or answer("DescribeStacks", {"Stacks": [_described(stack) for stack in page]}, next_token)


def list_stacks(request: Request) -> tuple:
    """List stacks, deleted ones too."""
    wanted = _extract_stack_status_filters(request)
    stacks = [stack for stack in cloudformation._stacks.values() if not wanted or stack["StackStatus"] in wanted]
    page, next_token, error = _page(stacks, request, "ListStacks")
    return error or answer("ListStacks", {"StackSummaries": [_summary(stack) for stack in page]}, next_token)


def _is_described(stack: dict[str, Any], name: str) -> bool:
    is_deleted = stack["StackStatus"] == "DELETE_COMPLETE"
    return name == stack["StackId"] or (not is_deleted and name in ("", stack["StackName"]))


def _summary(stack: dict[str, Any]) -> dict[str, Any]:
    summary = {member: stack[member] for member in _SUMMARY if stack.get(member)}
    if description := stack.get("Description"):
        summary["TemplateDescription"] = description
    return summary | {"DriftInformation": _drift(stack)}


def _described(stack: dict[str, Any]) -> dict[str, Any]:
    described = {member: stack[member] for member in _PLAIN if stack.get(member)}
    resolved = stack.get("_resolved_params", {})
    return {
        **described,
        **{member: [_stated(item) for item in stack.get(member, [])] for member in _LISTS},
        "DisableRollback": bool(stack.get("DisableRollback")),
        "EnableTerminationProtection": bool(root_of(stack).get("EnableTerminationProtection")),
        "RollbackConfiguration": {},
        "Parameters": [
            shown(item["ParameterKey"], {**resolved.get(item["ParameterKey"], {}), **_value(item)})
            for item in stack.get("Parameters", [])
        ],
        "DriftInformation": _drift(stack),
    }


def _value(parameter: dict[str, Any]) -> dict[str, Any]:
    return {"Value": parameter["ParameterValue"], "NoEcho": parameter["NoEcho"]}


def _stated(item: Any) -> Any:
    """A member of a list without what is not stated: an output without a description."""
    return {name: value for name, value in item.items() if value != ""} if isinstance(item, dict) else item


def _drift(stack: dict[str, Any]) -> dict[str, Any]:
    return {"StackDriftStatus": "NOT_CHECKED", **(stack.get("DriftInformation") or {})}
