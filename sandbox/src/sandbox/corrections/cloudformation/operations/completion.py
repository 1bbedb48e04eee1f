"""The end of a successful create or update: delete replaced and removed resources, complete the stack."""

from __future__ import annotations

from sandbox.corrections.cloudformation.operations import resource_calls
from sandbox.corrections.cloudformation.operations.changes import Operation
from sandbox.corrections.cloudformation.operations.deployment import Deployment
from sandbox.corrections.cloudformation.operations.events import StackEvents
from sandbox.corrections.cloudformation.operations.removal import Cleanup, Doomed
from sandbox.corrections.cloudformation.operations.template import Template

_NOT_ALL_DELETED = "Update successful. One or more resources could not be deleted."


async def complete(deployment: Deployment, events: StackEvents) -> None:
    """Bring the stack to CREATE_COMPLETE, or to UPDATE_COMPLETE after its cleanup."""
    succeed(deployment.operation, events)
    if deployment.operation.before is not None:
        await clean_up(deployment, events)


def succeed(operation: Operation, events: StackEvents) -> None:
    """Put the template in force, once every resource is there."""
    stack = operation.stack
    stack["_template"], stack["_resolved_params"] = operation.template.body, operation.template.parameters
    stack["_conditions"] = operation.template.conditions
    events.stack("CREATE_COMPLETE" if operation.before is None else "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")


async def clean_up(deployment: Deployment, events: StackEvents) -> None:
    """Delete what an update replaced and removed, in nested stacks too."""
    operation = deployment.operation
    assert operation.before is not None
    failed = await _delete_old(deployment, operation.before, events)
    await resource_calls.clean_up(operation.stack["_resources"])
    events.stack("UPDATE_COMPLETE", _NOT_ALL_DELETED if failed else "")


async def _delete_old(deployment: Deployment, before: dict, events: StackEvents) -> bool:
    """Delete replaced and removed resources; return whether any remain, which then belong to no stack."""
    operation, records = deployment.operation, deployment.operation.stack["_resources"]
    former = Template(operation.stack, before["_template"], before["_resolved_params"])
    removed = records.keys() - operation.template.resources.keys()
    replaced = {logical_id for logical_id, change in operation.changes.items() if change.kind == "replaced"}

    async def find(logical_id: str) -> Doomed:
        if logical_id in removed:
            return Doomed(records[logical_id], former.policy(logical_id, "DeletionPolicy", before["_resources"]))
        return _replaced(operation, deployment, logical_id)

    graph = former.graph()
    cleanup = Cleanup(operation.stack["StackName"], events)
    await cleanup.run({logical_id: graph.get(logical_id, set()) for logical_id in sorted(removed | replaced)}, find)
    for logical_id in removed:
        del records[logical_id]
    return bool(cleanup.failed)


def _replaced(operation: Operation, deployment: Deployment, logical_id: str) -> Doomed:
    change = operation.changes[logical_id]
    assert change.previous is not None
    policy = operation.template.policy(logical_id, "UpdateReplacePolicy", operation.stack["_resources"])
    predecessors = deployment.predecessors.get(logical_id, [])
    return Doomed(change.previous, policy, predecessors, change.record["PhysicalResourceId"])
