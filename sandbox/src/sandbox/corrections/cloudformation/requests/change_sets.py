"""Change sets with all changes and their values, including outputs and parameters."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ministack.services.cloudformation import changesets, handlers, stacks
from ministack.services.cloudformation.helpers import _p

from sandbox.corrections.cloudformation.nested.change_sets import bind_to_the_root, keep, nested_change_sets
from sandbox.corrections.cloudformation.operations.replacement import recreation
from sandbox.corrections.cloudformation.requests.change_set_answer import change_set_answer
from sandbox.corrections.cloudformation.requests.sides import deployed, planned
from sandbox.corrections.templates.changes import has_changes, resource_changes

NAMES = {
    "ministack.services.cloudformation.changesets": "_find_change_set _create_change_set _describe_change_set",
    "ministack.services.cloudformation.handlers": "_ACTION_HANDLERS _stack_has_no_updates _resolve_stack",
    "ministack.services.cloudformation.helpers": "_p",
    "ministack.services.cloudformation.stacks": "_stack_tags_changed _stack_region_context",
}
OVERRIDES = {
    "CloudFormation: the changes of a change set": (
        "ministack compares resources only, lists those with a false condition, and takes an attribute of one "
        "resource for that of another; an edit of outputs or of a parameter's value was no change"
    ),
    "CloudFormation: DescribeChangeSet": "ministack leaves out the values of properties, and shows NoEcho parameters",
    "CloudFormation: UpdateStack without changes": "decided as change sets decide it",
}
_UNCHANGED = "The submitted information didn't contain changes. Submit different information to create a change set."


def show_changes() -> None:
    """Decide change sets and updates by the actual changes."""
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]

    def create_change_set(params: dict) -> tuple:
        response = create(params)
        if response[0] == 200 and (found := re.search(r"<Id>([^<]+)</Id>", _text(response[2]))):
            change_set = changesets._find_change_set(found.group(1))[1]
            change_set["IncludeNestedStacks"] = _p(params, "IncludeNestedStacks").lower() == "true"
            _complete(change_set, handlers._resolve_stack(change_set["StackId"]))
        return response

    bind_to_the_root()
    handlers._ACTION_HANDLERS["CreateChangeSet"] = create_change_set
    handlers._ACTION_HANDLERS["DescribeChangeSet"] = change_set_answer
    handlers._stack_has_no_updates = _has_no_updates


def _complete(change_set: dict[str, Any], stack: dict[str, Any]) -> None:
    """Put our changes and the resulting status into a change set, nested ones included."""
    if change_set["ChangeSetType"] == "IMPORT" or change_set["ImportExistingResources"]:
        return
    template, parameters = change_set["_template"], change_set["_resolved_params"]
    try:
        nested = _nested(change_set, stack) if change_set["IncludeNestedStacks"] else {}
    except ValueError as error:
        reason = f"Nested change set was not successfully created: {error}"
        change_set.update(Changes=[], Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=reason)
        return
    unchanged = {name for name, inner in nested.items() if inner["Status"] == "FAILED"}
    changes, is_changed = _changes(
        stack, template, parameters, change_set["Tags"], change_set["_tags_given"], unchanged=unchanged
    )
    for change in (change["ResourceChange"] for change in changes):
        inner = nested.get(change["LogicalResourceId"])
        if inner is not None and inner["Status"] != "FAILED":
            keep(inner)
            change["ChangeSetId"] = inner["ChangeSetId"]
    change_set["Changes"] = changes
    if is_changed:
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")
    else:
        change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=_UNCHANGED)


def _nested(change_set: dict[str, Any], stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The change sets of nested stacks by logical id. Raises ValueError if one fails for another reason than none."""
    nested = dict(nested_change_sets(change_set, stack))
    for logical_id, inner in nested.items():
        _complete(inner, inner["_stack"])
        if inner["Status"] == "FAILED" and inner["StatusReason"] != _UNCHANGED:
            raise ValueError(f"{logical_id}: {inner['StatusReason']}")
    return nested


def _has_no_updates(stack: dict, template: dict, parameters: dict, tags: list, *given: bool) -> bool:
    """Answer ministack's check in UpdateStack; `given` is (UsePreviousTemplate, Tags)."""
    return not _changes(stack, template, parameters, tags, given[1])[1]


def _changes(
    stack: dict[str, Any],
    template: dict[str, Any],
    parameters: dict[str, Any],
    tags: list[Any],
    tags_given: bool,
    *,
    unchanged: Collection[str] = (),
) -> tuple[list[dict[str, Any]], bool]:
    """The resource changes, and whether anything changes at all.

    `unchanged` are nested stacks known to be so.
    """
    is_new = stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    is_retagged = not is_new and stacks._stack_tags_changed(stack, tags, tags_given)
    retagged = frozenset(stack["_resources"]) if is_retagged else frozenset()
    with stacks._stack_region_context(stack, stack["StackId"]):
        before, after = deployed(stack), planned(stack, template, parameters)
        changes = resource_changes(before, after, recreation, retagged, unchanged)
        replaced = {
            change["ResourceChange"]["LogicalResourceId"]
            for change in changes
            if change["ResourceChange"].get("Replacement") == "True"
        }
        if replaced:  # references to a new resource cannot be known before it exists
            after = planned(stack, template, parameters, replaced)
            changes = resource_changes(before, after, recreation, retagged, unchanged)
    return changes, bool(is_new or is_retagged or has_changes(before, after, changes) or _resolves(template))


def _resolves(template: dict[str, Any]) -> bool:
    """Tell whether a template has dynamic references: an update reads them again, so it has an effect."""
    return "{{resolve:" in str(template.get("Resources"))


def _text(body: bytes | str) -> str:
    return body.decode() if isinstance(body, bytes) else body
