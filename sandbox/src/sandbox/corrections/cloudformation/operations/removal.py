"""The deletion of resources, dependents first and independent ones concurrently."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.operations import resource_calls
from sandbox.corrections.cloudformation.operations.events import StackEvents
from sandbox.corrections.cloudformation.operations.graph import Graph, turned_around, walk

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Doomed:
    """A resource to delete, or to leave behind by its policy.

    `predecessors` delete the resources that a handler replaced itself; under an unchanged physical id only they are
    called.
    """

    record: dict
    policy: str
    predecessors: Sequence[Callable[[], None]] = field(default_factory=list)
    successor_id: str = ""


class Removal:
    """The deletion of resources; a failed one stays, and its dependencies are not tried."""

    attempts = 1

    def __init__(self, stack_name: str, events: StackEvents) -> None:
        self._stack_name, self._events = stack_name, events
        self.gone: list[str] = []
        self.skipped: set[str] = set()
        self.failed: dict[str, str] = {}

    async def run(self, graph: Graph, find: Callable[[str], Awaitable[Doomed | None]]) -> None:
        """Delete the nodes of a dependency graph; `find` returns None for nothing to delete."""

        async def visit(logical_id: str) -> bool:
            doomed = await find(logical_id)
            return doomed is None or await self._remove(logical_id, doomed)

        await walk(turned_around(graph), visit)

    async def _remove(self, logical_id: str, doomed: Doomed) -> bool:
        if doomed.policy in provisioners._RETAINING_POLICIES:
            return self._skip(logical_id, doomed)
        reason = ""
        for _ in range(self.attempts):
            self._report(logical_id, doomed, "DELETE_IN_PROGRESS")
            await asyncio.sleep(0)
            try:
                await self._delete(logical_id, doomed)
            except Exception as error:
                reason = str(error)
                _log.warning("%s: %s was not deleted: %s", self._stack_name, logical_id, reason)
                self._report(logical_id, doomed, "DELETE_FAILED", reason)
            else:
                self._report(logical_id, doomed, "DELETE_COMPLETE")
                self.gone.append(logical_id)
                return True
        return self._give_up(logical_id, doomed, reason)

    async def _delete(self, logical_id: str, doomed: Doomed) -> None:
        record = doomed.record
        type_name, physical_id, properties = (
            record["ResourceType"],
            record["PhysicalResourceId"],
            record.get("Properties", {}),
        )
        if doomed.policy == "Snapshot":
            await resource_calls.snapshot(type_name, physical_id, properties)
        for delete in doomed.predecessors:
            delete()
        if physical_id != doomed.successor_id:
            await resource_calls.delete(type_name, physical_id, properties, self._stack_name, logical_id)

    def _skip(self, logical_id: str, doomed: Doomed, reason: str = "") -> bool:
        self._report(logical_id, doomed, "DELETE_SKIPPED", reason)
        self.gone.append(logical_id)
        self.skipped.add(logical_id)
        return True

    def _give_up(self, logical_id: str, doomed: Doomed, reason: str) -> bool:
        self.failed[logical_id] = reason
        return False

    def _report(self, logical_id: str, doomed: Doomed, status: str, reason: str = "") -> None:
        record = doomed.record
        self._events.resource(logical_id, record["ResourceType"], status, reason, record["PhysicalResourceId"])


class Cleanup(Removal):
    """The cleanup after an update or its rollback, in three attempts.

    The stack is complete even if they fail: "Resource removed from stack but not deleted" (Troubleshooting
    CloudFormation).
    """

    attempts = 3

    def _give_up(self, logical_id: str, doomed: Doomed, reason: str) -> bool:
        super()._give_up(logical_id, doomed, reason)
        return True


class ForcedRemoval(Removal):
    """A deletion that leaves behind failed resources and their dependencies.

    Source: "Delete a stack", FORCE_DELETE_STACK.
    """

    def __init__(self, stack_name: str, events: StackEvents, graph: Graph, failed: set[str]) -> None:
        super().__init__(stack_name, events)
        self._graph = graph
        self._left: set[str] = set()
        for logical_id in failed:
            self._leave(logical_id)

    async def _remove(self, logical_id: str, doomed: Doomed) -> bool:
        return self._skip(logical_id, doomed) if logical_id in self._left else await super()._remove(logical_id, doomed)

    def _give_up(self, logical_id: str, doomed: Doomed, reason: str) -> bool:
        self._leave(logical_id)
        return self._skip(logical_id, doomed, reason)

    def _leave(self, logical_id: str) -> None:
        if logical_id not in self._left:
            self._left.add(logical_id)
            for needed in self._graph.get(logical_id, set()):
                self._leave(needed)
