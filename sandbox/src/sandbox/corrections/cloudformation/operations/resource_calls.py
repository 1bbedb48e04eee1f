"""Calls of the resource handlers, with role and name seed; blocking ones run on threads.

Every call must be made from its own asyncio task: the context variables that ministack's handlers read are set in that
task's context and so belong to one resource.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from ministack.core import concurrency
from ministack.core.responses import new_uuid
from ministack.services.cloudformation import provisioners, stacks

from sandbox.corrections.cloudformation.operations import names
from sandbox.corrections.cloudformation.operations.events import STACK
from sandbox.corrections.cloudformation.operations.replacement import check_fixed

deploy_role: ContextVar[str | None] = ContextVar("deploy_role", default=None)
"""The ARN of the role that the current stack operation uses; None for the caller's own."""


@dataclass(frozen=True)
class Outcome:
    """A handler's result.

    `name_seed` is mixed into generated names, `predecessors` delete the replaced resources.
    """

    physical_id: str
    attributes: dict
    name_seed: str
    predecessors: Sequence[Callable[[], None]] = field(default_factory=list)


class LeftBehind(ValueError):
    """When a creation failed after it had made something, which has to be deleted."""

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        self.outcome = outcome


class Nested(Protocol):
    """The resource type of nested stacks: its calls are stack operations of their own, and so do not block."""

    async def create(self, logical_id: str, properties: dict, stack_name: str) -> Outcome: ...

    async def update(self, physical_id: str, properties: dict, stack_name: str) -> Outcome: ...

    async def roll_back(self, physical_id: str) -> Outcome: ...

    async def clean_up(self, physical_id: str) -> None: ...

    async def delete(self, physical_id: str) -> None: ...

    def preserve(self, physical_id: str) -> None: ...

    def halt(self, stack_id: str, logical_id: str) -> None: ...

    def take_up(self, stack: dict, cut_off: dict | None) -> None: ...


async def create(type_name: str, logical_id: str, properties: dict, stack_name: str) -> Outcome:
    """Create a resource, with a new generated name each time. Raises the handler's errors."""

    if nested := _nested(type_name):
        return await nested.create(logical_id, properties, stack_name)

    def call() -> Outcome:
        names.check_free(type_name, properties)
        provisioners._NAME_SEED.set(new_uuid()[:8])
        named = names.generated(type_name, logical_id, properties, stack_name)
        physical_id, attributes = provisioners._provision_resource(type_name, logical_id, named, stack_name)
        return Outcome(physical_id, attributes or {}, provisioners._NAME_SEED.get())

    return await _run(type_name, call)


async def update(record: dict, old: dict, new: dict, stack_name: str, retained: Callable[[], bool]) -> Outcome:
    """Update or replace a resource; the old one stays until the predecessors are called. Raises as `create`."""
    type_name, logical_id, present_id = (
        record[name] for name in ("ResourceType", "LogicalResourceId", "PhysicalResourceId")
    )

    if nested := _nested(type_name):
        return await nested.update(present_id, new, stack_name)

    def call() -> Outcome:
        if provisioners._replacing_change(type_name, old, new):
            names.check_replaceable(type_name, old, new)
            names.check_free(type_name, new)
        else:
            check_fixed(type_name, old, new)
        deferred: list[tuple] = []
        provisioners._NAME_SEED.set(record.get("_name_seed", ""))
        provisioners._DEFERRED_PREDECESSOR_DELETES.set(deferred)
        provisioners._RETAIN_REPLACED.set(retained())
        physical_id, attributes = provisioners._update_resource(
            type_name,
            present_id,
            names.kept(type_name, present_id, old),
            names.renamed(type_name, record, new, stack_name),
            stack_name,
            logical_id,
            record.get("Attributes"),
        )
        predecessors = [partial(delete, *arguments, **named) for delete, arguments, named in deferred]
        return Outcome(physical_id, attributes or {}, provisioners._NAME_SEED.get(), predecessors)

    return await _run(type_name, call)


async def revert(record: dict, applied: dict, former: dict, stack_name: str) -> Outcome:
    """Bring a resource back from the applied to its former properties. Raises the handler's errors."""
    if nested := _nested(record["ResourceType"]):
        return await nested.roll_back(record["PhysicalResourceId"])
    return await update(record, applied, former, stack_name, lambda: True)


async def delete(type_name: str, physical_id: str, properties: dict, stack_name: str, logical_id: str) -> None:
    """Delete a resource. Raises the handler's errors."""
    if nested := _nested(type_name):
        await nested.delete(physical_id)
        return
    await _run(
        type_name, lambda: provisioners._delete_resource(type_name, physical_id, properties, stack_name, logical_id)
    )


async def snapshot(type_name: str, physical_id: str, properties: dict) -> None:
    """Take the snapshot of a DeletionPolicy, if the type supports it."""
    await _run(type_name, lambda: provisioners._snapshot_resource(type_name, physical_id, properties))


async def clean_up(records: dict[str, dict]) -> None:
    """Clean up nested stacks, once all of them are updated or rolled back."""
    for record in list(records.values()):
        if nested := _nested(record["ResourceType"]):
            await nested.clean_up(record["PhysicalResourceId"])


def preserve_nested(records: dict[str, dict]) -> None:
    """Keep the changes of nested stacks after a failure without rollback."""
    for record in records.values():
        if nested := _nested(record["ResourceType"]):
            nested.preserve(record["PhysicalResourceId"])


def halt(type_name: str, stack_id: str, logical_id: str) -> None:
    """Halt the running operation of a resource that is a nested stack."""
    if nested := _nested(type_name):
        nested.halt(stack_id, logical_id)


def take_up_nested(stack: dict, cut_off: dict | None) -> None:
    """Take up a nested stack's interrupted operation, for its parent to end."""
    if nested := _nested(STACK):
        nested.take_up(stack, cut_off)


def is_nested(type_name: str) -> bool:
    """Tell whether a type is a stack of resources, which may change under unchanged properties."""
    return _nested(type_name) is not None


def _nested(type_name: str) -> Nested | None:
    return provisioners._RESOURCE_HANDLERS.get(type_name, {}).get("nested")


async def _run(type_name: str, call: Callable[[], Any]) -> Any:
    if stacks._runs_on_worker_thread(type_name):
        return await concurrency.run_reentrant(call)
    return call()
