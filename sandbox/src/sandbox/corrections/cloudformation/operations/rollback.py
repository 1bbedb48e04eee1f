"""The rollback of a failed or cancelled create or update; old resources stay in service."""

from __future__ import annotations

import logging

from ministack.core.responses import now_iso
from ministack.services.cloudformation import stacks

from sandbox.corrections.cloudformation.operations import resource_calls
from sandbox.corrections.cloudformation.operations.changes import RESTORED, Change, Operation
from sandbox.corrections.cloudformation.operations.events import StackEvents, failed_to
from sandbox.corrections.cloudformation.operations.graph import Visits, walk
from sandbox.corrections.cloudformation.operations.removal import Cleanup, Doomed, Removal
from sandbox.corrections.cloudformation.operations.template import Template

_log = logging.getLogger(__name__)


class Rollback:
    """The rollback of an operation; its running work (`pending`) is undone once it has ended."""

    def __init__(self, operation: Operation, events: StackEvents, pending: Visits) -> None:
        self._operation, self._events, self._pending = operation, events, pending
        self._failed: dict[str, dict] = {}

    async def run(self, reason: str) -> None:
        """Roll back, with a reason for the stack's event."""
        if self._operation.stable is None:
            await self._undo_create(reason)
        else:
            self._events.stack("UPDATE_ROLLBACK_IN_PROGRESS", reason)
            if await self.restore(self._operation.stable):
                await self.clean_up()

    async def _undo_create(self, reason: str) -> None:
        self._events.stack("ROLLBACK_IN_PROGRESS", reason)
        removal = Removal(self._operation.stack["StackName"], self._events)
        await self._delete_new(removal)
        self._release_imports()
        self._keep_undeleted(removal)
        if removal.failed:
            self._events.stack("ROLLBACK_FAILED", failed_to("delete", sorted(removal.failed)).strip())
        else:
            self._events.stack("ROLLBACK_COMPLETE")

    def _keep_undeleted(self, removal: Removal) -> None:
        """Keep resources in the stack that could not be deleted, and their dependencies."""
        records = self._operation.stack["_resources"]
        imported = [name for name, change in self._operation.changes.items() if change.kind == "imported"]
        for logical_id in [*removal.gone, *imported]:
            del records[logical_id]
        for logical_id, reason in removal.failed.items():
            records[logical_id] |= {"ResourceStatus": "DELETE_FAILED", "ResourceStatusReason": reason}

    async def restore(self, previous: dict) -> bool:
        """Bring every resource back to its last stable state; return whether all succeeded."""
        stack = self._operation.stack
        touched = self._operation.changes.keys() | self._pending.keys()
        before = Template(stack, previous["_template"], previous["_resolved_params"])
        graph = {logical_id: needs for logical_id, needs in before.graph().items() if logical_id in touched}
        await walk(graph, self._restore)
        self._release_imports()
        stack.update({name: previous[name] for name in RESTORED if name in previous})
        stack["Outputs"] = previous.get("Outputs", [])
        if self._failed:
            await self._give_up()
            return False
        self._events.stack("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        return True

    async def clean_up(self) -> None:
        """Delete what the update created, in nested stacks too."""
        stack = self._operation.stack
        await self._delete_new(Cleanup(stack["StackName"], self._events))
        await resource_calls.clean_up(stack["_resources"])
        self._events.stack("UPDATE_ROLLBACK_COMPLETE")

    async def _restore(self, logical_id: str) -> bool:
        """Restore a resource to the last stable state."""
        change = await self._settled(logical_id)
        if change is None or change.previous is None:
            return True
        record, previous = change.record, change.previous
        type_name = record["ResourceType"]
        sends_back = change.kind == "failed" and "Properties" in record and stacks._sends_back_failed_update(type_name)
        if change.kind == "updated" or sends_back:
            return await self._update_back(logical_id, record, previous)
        self._complete(previous)
        return True

    async def _update_back(self, logical_id: str, record: dict, previous: dict) -> bool:
        operation, type_name, physical_id = self._operation, record["ResourceType"], record["PhysicalResourceId"]
        applied = operation.tagged(record, operation.tags)
        former = operation.tagged(previous, operation.previous_tags)
        self._events.resource(logical_id, type_name, "UPDATE_IN_PROGRESS", physical_id=physical_id)
        attributes = record.get("Attributes") or previous.get("Attributes", {})
        current = {**previous, "Attributes": attributes, "PhysicalResourceId": physical_id}
        try:
            outcome = await resource_calls.revert(current, applied, former, operation.stack["StackName"])
        except Exception as error:
            _log.warning("%s: %s was not rolled back: %s", operation.stack["StackName"], logical_id, error)
            self._events.resource(logical_id, type_name, "UPDATE_FAILED", str(error), physical_id)
            # In the words of ministack's ContinueUpdateRollback, which tries it again.
            self._failed[logical_id] = {
                **{name: current[name] for name in ("PhysicalResourceId", "ResourceType", "Attributes")},
                "RevertFrom": applied,
                "RevertTo": former,
            }
            return False
        previous["PhysicalResourceId"] = outcome.physical_id
        previous["Attributes"] = {**previous.get("Attributes", {}), **outcome.attributes}
        self._complete(previous)
        return True

    def _complete(self, previous: dict) -> None:
        previous |= {"ResourceStatus": "UPDATE_COMPLETE", "Timestamp": now_iso()}
        logical_id, type_name, physical_id = (
            previous[name] for name in ("LogicalResourceId", "ResourceType", "PhysicalResourceId")
        )
        self._events.resource(logical_id, type_name, "UPDATE_COMPLETE", physical_id=physical_id)

    async def _delete_new(self, removal: Removal) -> None:
        """Delete the resources that the operation created, replacements included."""
        touched = self._operation.changes.keys() | self._pending.keys()
        graph = self._operation.template.graph()
        await removal.run({logical_id: graph.get(logical_id, set()) for logical_id in sorted(touched)}, self._new)

    async def _new(self, logical_id: str) -> Doomed | None:
        change = await self._settled(logical_id)
        if change is None or change.kind in ("updated", "imported"):
            return None
        if change.kind == "failed":
            if change.previous is None:
                self._events.resource(logical_id, change.record["ResourceType"], "DELETE_COMPLETE")
            return None
        operation = self._operation
        policy = operation.template.policy(logical_id, "DeletionPolicy", operation.stack["_resources"])
        kept = policy == "Retain" and not operation.retain_except_on_create
        return Doomed(change.record, "Retain" if kept else "Delete")

    async def _settled(self, logical_id: str) -> Change | None:
        if task := self._pending.get(logical_id):
            await task
        return self._operation.changes.get(logical_id)

    def _release_imports(self) -> None:
        """Release adopted resources from the stack unchanged."""
        for logical_id, change in self._operation.changes.items():
            if change.kind == "imported":
                for status in ("IMPORT_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_COMPLETE"):
                    record = change.record
                    physical_id = record["PhysicalResourceId"]
                    self._events.resource(logical_id, record["ResourceType"], status, physical_id=physical_id)

    async def _give_up(self) -> None:
        """Set UPDATE_ROLLBACK_FAILED, and keep the remaining work for ContinueUpdateRollback."""
        for logical_id in sorted(self._operation.changes.keys() | self._pending.keys()):
            if doomed := await self._new(logical_id):
                self._failed.setdefault(logical_id, doomed.record)
        self._operation.stack["_rollback_failed"] = self._failed
        reverts = sorted(logical_id for logical_id, record in self._failed.items() if "RevertTo" in record)
        self._events.stack("UPDATE_ROLLBACK_FAILED", failed_to("update", reverts).strip())
