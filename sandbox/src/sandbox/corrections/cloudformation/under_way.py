"""The stack operations that are under way, as plain data from which they can be undone or ended after a crash."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.changes import Operation, record_of
from sandbox.corrections.cloudformation.resource_calls import Outcome


class UnderWay:
    """Operations and deletions by the id of their stack, from their beginning to their end."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._deletions: dict[str, dict[str, Any]] = {}

    @contextmanager
    def operation(self, operation: Operation) -> Iterator[None]:
        """Around a create, an update or a rollback."""
        stack_id = operation.stack["StackId"]
        self._operations[stack_id] = operation
        try:
            yield
        finally:
            del self._operations[stack_id]

    @contextmanager
    def deletion(self, stack_id: str, retained: Collection[str], force: bool) -> Iterator[None]:
        """Around a deletion: what it was asked for."""
        self._deletions[stack_id] = {"retain_resources": list(retained), "force": force}
        try:
            yield
        finally:
            del self._deletions[stack_id]

    def saved(self) -> dict[str, dict[str, Any]]:
        """All of them, each as `Engine.recover` takes it. Raises RuntimeError if one changes meanwhile."""

        return {stack_id: operation.saved() for stack_id, operation in self._operations.items()} | self._deletions


def unfinished(stack: dict, creating: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What creations that never returned made nevertheless, as changes of `Operation.saved`."""
    changes = {}
    for logical_id, type_name in creating.items():
        find = provisioners._RESOURCE_HANDLERS.get(type_name, {}).get("unfinished")
        if find and (physical_id := find(logical_id, stack["StackName"])):
            asked = {"LogicalResourceId": logical_id, "ResourceType": type_name, "Properties": {}}
            record = record_of(asked, "CREATE_IN_PROGRESS", Outcome(physical_id, {}, ""))
            changes[logical_id] = {"kind": "created", "record": record, "previous": None}
    return changes
