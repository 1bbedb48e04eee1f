"""The deletion of a stack."""

from __future__ import annotations

from collections.abc import Collection

from sandbox.corrections.cloudformation.operations.events import StackEvents, failed_to
from sandbox.corrections.cloudformation.operations.exports import ExportRefused, check_removal, publish
from sandbox.corrections.cloudformation.operations.graph import Graph
from sandbox.corrections.cloudformation.operations.removal import Doomed, ForcedRemoval, Removal
from sandbox.corrections.cloudformation.operations.template import Template


class StackDeletion:
    """The deletion of a stack's resources, except those that a policy or `retained` keeps."""

    def __init__(self, stack: dict, events: StackEvents, retained: Collection[str]) -> None:
        self._stack, self._events, self._retained = stack, events, retained
        self._template = Template(stack, stack.get("_template", {}), stack.get("_resolved_params", {}))

    def refused(self, former_status: str) -> bool:
        """Refuse the deletion by an event if an export is in use; return the decision."""
        try:
            check_removal(self._stack, {})
        except ExportRefused as refusal:
            self._events.stack(former_status, str(refusal))
            return True
        return False

    async def run(self) -> None:
        """Delete; failed resources and their dependencies stay with the stack, then DELETE_FAILED."""
        await self._remove(Removal(self._stack["StackName"], self._events))

    async def force(self) -> None:
        """Delete, and leave behind resources that cannot be deleted (FORCE_DELETE_STACK)."""
        records = self._stack["_resources"]
        failed = {logical_id for logical_id in records if records[logical_id]["ResourceStatus"] == "DELETE_FAILED"}
        await self._remove(ForcedRemoval(self._stack["StackName"], self._events, self._graph(), failed))

    async def _remove(self, removal: Removal) -> None:
        records = self._stack["_resources"]
        await removal.run(self._graph(), self._find)
        gone = {logical_id: records.pop(logical_id) for logical_id in removal.gone}
        for logical_id, reason in removal.failed.items():
            records[logical_id] |= {"ResourceStatus": "DELETE_FAILED", "ResourceStatusReason": reason}
        if removal.failed:
            self._events.stack("DELETE_FAILED", failed_to("delete", sorted(removal.failed)))
            return
        publish(self._stack, {})
        for logical_id, record in gone.items():  # a deleted stack goes on listing them ("ListStackResources")
            status = "DELETE_SKIPPED" if logical_id in removal.skipped else "DELETE_COMPLETE"
            records[logical_id] = {**record, "ResourceStatus": status}
        self._events.stack("DELETE_COMPLETE")

    def _graph(self) -> Graph:
        """The dependencies of every record; one that the template no longer declares has none."""
        declared = self._template.graph()
        return {logical_id: declared.get(logical_id, set()) for logical_id in self._stack["_resources"]}

    async def _find(self, logical_id: str) -> Doomed:
        records = self._stack["_resources"]
        policy = self._template.policy(logical_id, "DeletionPolicy", records)
        return Doomed(records[logical_id], "Retain" if logical_id in self._retained else policy)
