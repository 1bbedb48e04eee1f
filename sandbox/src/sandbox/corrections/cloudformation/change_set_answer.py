"""DescribeChangeSet's answer, with property values on request ("DescribeChangeSet")."""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import changesets, handlers
from ministack.services.cloudformation.helpers import _error, _esc, _p, _xml

from sandbox.corrections.cloudformation.sides import NO_ECHO

_PLAIN = [
    "ChangeSetId",
    "ChangeSetName",
    "ChangeSetType",
    "CreationTime",
    "Description",
    "ExecutionStatus",
    "OnStackFailure",
    "StackId",
    "StackName",
    "Status",
    "StatusReason",
    "Capabilities",
    "Tags",
    "Changes",
]
_LISTS = ("Capabilities", "Tags", "Changes")
_WITH_VALUES = {"BeforeContext", "AfterContext", "Path", "BeforeValue", "AfterValue", "AttributeChangeType"}


def change_set_answer(params: dict[str, Any]) -> tuple:
    """Serve DescribeChangeSet."""
    name, stack_name = _p(params, "ChangeSetName"), _p(params, "StackName")
    stack = handlers._resolve_stack(stack_name) if stack_name else None
    _, change_set = changesets._find_change_set(name, stack["StackName"] if stack else stack_name)
    if not change_set:
        return _error("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)
    answer = {member: change_set[member] for member in _PLAIN if change_set.get(member) or member in _LISTS}
    answer["Parameters"] = [_parameter(key, value) for key, value in change_set["_resolved_params"].items()]
    if change_set.get("ImportExistingResources"):
        answer["ImportExistingResources"] = True
    if _p(params, "IncludePropertyValues").lower() != "true":
        answer["Changes"] = [_without_values(change) for change in change_set["Changes"]]
    return _xml(
        200, "DescribeChangeSetResponse", f"<DescribeChangeSetResult>{_element(answer)}</DescribeChangeSetResult>"
    )


def _parameter(key: str, value: dict[str, Any]) -> dict[str, Any]:
    """A parameter's value; for one that names an SSM parameter, also its resolved value ("Parameter")."""
    shown = NO_ECHO if value["NoEcho"] else value["Value"]
    if "SsmName" in value:
        return {"ParameterKey": key, "ParameterValue": value["SsmName"], "ResolvedValue": shown}
    return {"ParameterKey": key, "ParameterValue": shown}


def _without_values(change: dict[str, Any]) -> dict[str, Any]:
    """The change without values; details that become equal are merged."""
    resource = {key: value for key, value in change["ResourceChange"].items() if key not in _WITH_VALUES}
    details: list[dict[str, Any]] = []
    for detail in resource.get("Details", []):
        target = {key: value for key, value in detail["Target"].items() if key not in _WITH_VALUES}
        plain = {**detail, "Target": target}
        if plain not in details:
            details.append(plain)
    return {"Type": change.get("Type", "Resource"), "ResourceChange": {**resource, "Details": details}}


def _element(value: Any) -> str:
    """A value in the query protocol's XML."""
    if isinstance(value, dict):
        return "".join(f"<{name}>{_element(item)}</{name}>" for name, item in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_element(item)}</member>" for item in value)
    return str(value).lower() if isinstance(value, bool) else _esc(str(value))
