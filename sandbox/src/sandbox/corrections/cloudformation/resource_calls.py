"""Calls of the resource handlers, with role and name seed; blocking ones run on threads.

Every call must be made from its own asyncio task: the context variables that ministack's handlers read are set in that
task's context and so belong to one resource.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ministack.core import concurrency
from ministack.core.responses import new_uuid
from ministack.services.cloudformation import provisioners, stacks

from sandbox.corrections.cloudformation import names
from sandbox.corrections.cloudformation.replacement import check_fixed

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


async def create(type_name: str, logical_id: str, properties: dict, stack_name: str) -> Outcome:
    """Create a resource, with a new generated name each time. Raises the handler's errors."""

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


async def delete(type_name: str, physical_id: str, properties: dict, stack_name: str, logical_id: str) -> None:
    """Delete a resource. Raises the handler's errors."""
    await _run(
        type_name, lambda: provisioners._delete_resource(type_name, physical_id, properties, stack_name, logical_id)
    )


async def snapshot(type_name: str, physical_id: str, properties: dict) -> None:
    """Take the snapshot of a DeletionPolicy, if the type supports it."""
    await _run(type_name, lambda: provisioners._snapshot_resource(type_name, physical_id, properties))


async def _run(type_name: str, call: Callable[[], Any]) -> Any:
    if stacks._runs_on_worker_thread(type_name):
        return await concurrency.run_reentrant(call)
    return call()
