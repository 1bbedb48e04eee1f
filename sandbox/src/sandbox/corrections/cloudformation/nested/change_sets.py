"""Change sets of nested stacks, made with the root's for IncludeNestedStacks.

"Change sets for nested stacks": they are executed and deleted from the root change set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, helpers

from sandbox.corrections.cloudformation.nested import records as nested_records
from sandbox.corrections.cloudformation.operations.events import STACK
from sandbox.corrections.cloudformation.requests.sides import UNKNOWN, planned

NAMES = {
    "ministack.services.cloudformation": "_change_sets",
    "ministack.services.cloudformation.changesets": "_find_change_set",
    "ministack.services.cloudformation.handlers": "_ACTION_HANDLERS",
    "ministack.services.cloudformation.helpers": "_error _p",
}
OVERRIDES = {
    "CloudFormation: IncludeNestedStacks": "ministack makes no change sets of nested stacks; one of a stack "
    "that is not there yet names it, and the stack is there after the execution"
}

ChangeSet = dict[str, Any]
Request = dict[str, list[str]]


def bind_to_the_root() -> None:
    """Execute and delete change sets of nested stacks with their root only."""
    for action in ("ExecuteChangeSet", "DeleteChangeSet"):
        handlers._ACTION_HANDLERS[action] = _by_the_root(handlers._ACTION_HANDLERS[action])


def _by_the_root(handle: Callable[[Request], tuple]) -> Callable[[Request], tuple]:
    def refuse_nested(request: Request) -> tuple:
        name, stack_name = helpers._p(request, "ChangeSetName"), helpers._p(request, "StackName")
        _, change_set = changesets._find_change_set(name, stack_name)
        if change_set and (root := change_set.get("RootChangeSetId")):
            sentence = f"{name} is the change set of a nested stack. Use its root change set, {root}."
            return helpers._error("ValidationError", sentence)
        response = handle(request)
        if change_set and change_set["ChangeSetId"] not in cloudformation._change_sets:
            _forget(change_set["ChangeSetId"])
        return response

    return refuse_nested


def _forget(root_id: str) -> None:
    for change_set_id, change_set in list(cloudformation._change_sets.items()):
        if change_set.get("RootChangeSetId") == root_id:
            cloudformation._change_sets.pop(change_set_id)


def nested_change_sets(change_set: ChangeSet, stack: Mapping[str, Any]) -> Iterator[tuple[str, ChangeSet]]:
    """A change set for each nested stack of the template, by logical id.

    Each still lacks its changes. Raises ValueError if a template is refused.
    """
    side = planned(stack, change_set["_template"], change_set["_resolved_params"])
    for logical_id, resource in side.resources.items():
        if resource.type_name == STACK:
            yield logical_id, _nested(change_set, stack, logical_id, dict(resource.context))


def keep(change_set: ChangeSet) -> None:
    """Let requests find a change set."""
    cloudformation._change_sets[change_set["ChangeSetId"]] = change_set


def _nested(root: ChangeSet, parent: Mapping[str, Any], logical_id: str, properties: dict[str, Any]) -> ChangeSet:
    unknown = {name for name, value in (properties.get("Parameters") or {}).items() if UNKNOWN in str(value)}
    source = nested_records.read(properties, root["Capabilities"], unknown)
    stack = nested_records.child_of(parent["StackId"], logical_id) or nested_records.new_stack(logical_id, parent)
    name = f"{root['ChangeSetName']}-{logical_id}"[:128]
    return {
        "ChangeSetId": f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:changeSet/{name}/{new_uuid()}",
        "ChangeSetName": name,
        "ChangeSetType": "UPDATE" if stack["_resources"] else "CREATE",
        "StackId": stack["StackId"],
        "StackName": stack["StackName"],
        "ParentChangeSetId": root["ChangeSetId"],
        "RootChangeSetId": root.get("RootChangeSetId") or root["ChangeSetId"],
        "IncludeNestedStacks": True,
        "CreationTime": now_iso(),
        "Capabilities": root["Capabilities"],
        "Tags": nested_records.tags_of(properties),
        "ImportExistingResources": False,
        "_tags_given": True,
        "_template": source.template,
        "_template_body": source.text,
        "_resolved_params": source.parameters,
        "_stack": stack,
    }
