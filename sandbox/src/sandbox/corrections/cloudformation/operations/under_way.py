"""The running stack operations as plain data, for recovery after a crash."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.operations.changes import Operation, record_of
from sandbox.corrections.cloudformation.operations.resource_calls import Outcome, is_nested


class UnderWay:
    """Running operations and deletions by stack id."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._deletions: dict[str, dict[str, Any]] = {}

    @contextmanager
    def operation(self, operation: Operation) -> Iterator[None]:
        """Keep a create, an update or a rollback while it runs."""
        self.begin(operation)
        try:
            yield
        finally:
            self.end(operation.stack["StackId"])

    def begin(self, operation: Operation) -> None:
        self._operations[operation.stack["StackId"]] = operation

    def end(self, stack_id: str) -> None:
        self._operations.pop(stack_id, None)

    @contextmanager
    def deletion(self, stack_id: str, retained: Collection[str], force: bool) -> Iterator[None]:
        """Keep the parameters of a deletion while it runs."""
        self._deletions[stack_id] = {"retain_resources": list(retained), "force": force}
        try:
            yield
        finally:
            del self._deletions[stack_id]

    def saved(self) -> dict[str, dict[str, Any]]:
        """All of them in the form for `Engine.recover`. Raises RuntimeError if one changes meanwhile."""

        return {stack_id: operation.saved() for stack_id, operation in self._operations.items()} | self._deletions


def unfinished(stack: dict, cut_off: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Resources of interrupted creations, and nested stacks of interrupted updates, as changes of `Operation.saved`."""
    changes = {
        logical_id: {"kind": "updated", "record": record, "previous": dict(record)}
        for logical_id, record in stack["_resources"].items()
        if is_nested(record["ResourceType"]) and logical_id not in cut_off["changes"]
    }
    for logical_id, asked in cut_off["creating"].items():
        find = provisioners._RESOURCE_HANDLERS.get(asked["ResourceType"], {}).get("unfinished")
        if find and (physical_id := find(logical_id, asked["Properties"], stack["StackName"])):
            record = record_of(asked, "CREATE_IN_PROGRESS", Outcome(physical_id, {}, ""))
            changes[logical_id] = {"kind": "created", "record": record, "previous": None}
    return changes
