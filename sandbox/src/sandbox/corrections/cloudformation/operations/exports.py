"""Exports with unique names, which neither change nor disappear while another stack imports them.

Sentences: "How do I resolve the error 'Export EXPORT_NAME can't be updated as it is in use by STACK_NAME'" and
"Remediating 'Cannot delete/update export'" (AWS re:Post).
"""

from __future__ import annotations

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

_NOT_IMPORTING = ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")


class ExportRefused(Exception):
    """When a change of exports is refused; the message is the event's reason."""


def importers(export: str, exporter: str) -> list[str]:
    """The names of the other stacks that import an export."""
    return sorted(
        name
        for name, stack in cloudformation._stacks.items()
        if name != exporter and stack["StackStatus"] not in _NOT_IMPORTING
        if export in handlers._imported_export_names(stack, name)
    )


def exports_of(stack_id: str) -> dict[str, str]:
    """A stack's current exports, values by name."""
    return {name: entry["Value"] for name, entry in cloudformation._exports.items() if entry["StackId"] == stack_id}


def check_removal(stack: dict, remaining: dict[str, dict]) -> None:
    """Raise ExportRefused if an export in use would not remain."""
    for name in sorted(exports_of(stack["StackId"]).keys() - remaining.keys()):
        if users := importers(name, stack["StackName"]):
            raise ExportRefused(f"Delete canceled. Cannot delete export {name} as it is in use by {_listed(users)}.")


def publish(stack: dict, exports: dict[str, dict]) -> None:
    """Replace a stack's exports by `exports`. Raises ExportRefused without any change."""
    present = exports_of(stack["StackId"])
    check_removal(stack, exports)
    for name, entry in exports.items():
        users = importers(name, stack["StackName"])
        if name in present and entry["Value"] != present[name] and users:
            raise ExportRefused(f"Export {name} cannot be updated as it is in use by {_listed(users)}")
        if (taken := cloudformation._exports.get(name)) and taken["StackId"] != stack["StackId"]:
            owner = taken["StackId"].split("/")[1]
            raise ExportRefused(f"Export with name {name} is already exported by stack {owner}")
    for name in present.keys() - exports.keys():
        cloudformation._exports.pop(name)
    cloudformation._exports.update(exports)


def _listed(stack_names: list[str]) -> str:
    return " and ".join(stack_names)
