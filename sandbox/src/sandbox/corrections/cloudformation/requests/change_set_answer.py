"""DescribeChangeSet's answer, with property values on request ("DescribeChangeSet")."""

from __future__ import annotations

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers
from ministack.services.cloudformation.helpers import _error, _p

from sandbox.corrections.cloudformation.requests.query_xml import answer
from sandbox.corrections.cloudformation.requests.shown_parameters import shown

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
    "IncludeNestedStacks",
    "ParentChangeSetId",
    "RootChangeSetId",
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
    shown_set = {member: change_set[member] for member in _PLAIN if change_set.get(member) or member in _LISTS}
    shown_set["Parameters"] = [shown(key, value) for key, value in change_set["_resolved_params"].items()]
    if root := cloudformation._change_sets.get(change_set.get("RootChangeSetId", "")):
        shown_set["ExecutionStatus"] = root["ExecutionStatus"]
    if change_set.get("ImportExistingResources"):
        shown_set["ImportExistingResources"] = True
    if _p(params, "IncludePropertyValues").lower() != "true":
        shown_set["Changes"] = [_without_values(change) for change in change_set["Changes"]]
    return answer("DescribeChangeSet", shown_set)


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
