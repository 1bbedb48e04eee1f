"""The running stack operations as plain data, for recovery after a crash."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.changes import Operation, record_of
from sandbox.corrections.cloudformation.resource_calls import Outcome


class UnderWay:
    """Running operations and deletions by stack id."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._deletions: dict[str, dict[str, Any]] = {}

    @contextmanager
    def operation(self, operation: Operation) -> Iterator[None]:
        """Keep a create, an update or a rollback while it runs."""
        stack_id = operation.stack["StackId"]
        self._operations[stack_id] = operation
        try:
            yield
        finally:
            del self._operations[stack_id]

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


def unfinished(stack: dict, creating: dict[str, dict]) -> dict[str, dict[str, Any]]:
    """Resources of interrupted creations, as changes of `Operation.saved`."""
    changes = {}
    for logical_id, asked in creating.items():
        find = provisioners._RESOURCE_HANDLERS.get(asked["ResourceType"], {}).get("unfinished")
        if find and (physical_id := find(logical_id, asked["Properties"], stack["StackName"])):
            record = record_of(asked, "CREATE_IN_PROGRESS", Outcome(physical_id, {}, ""))
            changes[logical_id] = {"kind": "created", "record": record, "previous": None}
    return changes
