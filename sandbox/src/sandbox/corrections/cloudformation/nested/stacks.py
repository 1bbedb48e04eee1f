"""Nested stacks: resources that are stacks, run by the same engine as their parents and with the same role.

Resources that a nested stack replaced or removed are deleted once all stacks of the operation are updated or rolled
back.
Sources: AWS CloudFormation User Guide, "Nested stacks", "Troubleshooting CloudFormation" (nested stacks that are
stuck), "AWS::CloudFormation::Stack". The sentences of failures are AWS's as clients report them; no page has them.
"""

from __future__ import annotations

import asyncio

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, provisioners

from sandbox.corrections.cloudformation.nested.records import (
    Source,
    child_of,
    describe,
    found,
    new_stack,
    outcome_of,
    read,
    reviewed,
    tags_of,
    unfinished_child,
)
from sandbox.corrections.cloudformation.operations import completion
from sandbox.corrections.cloudformation.operations.changes import restored, state_before
from sandbox.corrections.cloudformation.operations.deployment import Deployment
from sandbox.corrections.cloudformation.operations.engine import Engine
from sandbox.corrections.cloudformation.operations.events import STACK, StackEvents
from sandbox.corrections.cloudformation.operations.resource_calls import LeftBehind, Outcome
from sandbox.corrections.cloudformation.operations.rollback import Rollback
from sandbox.corrections.cloudformation.operations.under_way import unfinished
from sandbox.corrections.cloudformation.requests.statuses import UPDATABLE

NAMES = {
    "ministack.services.cloudformation": "_stacks _stack_events",
    "ministack.services.cloudformation.handlers": "_resolve_stack _stack_has_no_updates",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS",
}
OVERRIDES = {
    "AWS::CloudFormation::Stack": (
        "ministack deploys a nested stack one resource after another, and neither rolls it back nor deletes it as AWS "
        "does; an update fails where its template reads an attribute"
    )
}


class NestedStacks:
    """The resource type AWS::CloudFormation::Stack.

    Between its own update and the end of its parent's operation, a nested stack has a deployment or a rollback here.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._updated: dict[str, Deployment] = {}
        self._rolled_back: dict[str, Rollback] = {}

    def install(self) -> None:
        """Replace ministack's handler."""
        provisioners._RESOURCE_HANDLERS[STACK] = {"nested": self, "unfinished": unfinished_child}

    async def create(self, logical_id: str, properties: dict, stack_name: str) -> Outcome:
        """Create a nested stack. Raises ValueError, or LeftBehind if it is there and failed."""
        parent = cloudformation._stacks[stack_name]
        source = read(properties, parent.get("Capabilities", []))
        stack = reviewed(logical_id, parent) or new_stack(logical_id, parent)
        cloudformation._stacks[stack["StackName"]] = stack
        cloudformation._stack_events[stack["StackId"]] = []
        failure = await self._advance(stack, parent, properties, source, None)
        outcome = outcome_of(stack)
        if failure:
            raise LeftBehind(f"Embedded stack {stack['StackId']} was not successfully created: {failure}", outcome)
        return outcome

    async def update(self, physical_id: str, properties: dict, stack_name: str) -> Outcome:
        """Update a nested stack, which never replaces it. Raises ValueError."""
        parent, stack = cloudformation._stacks[stack_name], found(physical_id)
        if stack["StackStatus"] not in UPDATABLE:
            raise ValueError(f"Stack:{physical_id} is in {stack['StackStatus']} state and can not be updated.")
        source, tags = read(properties, parent.get("Capabilities", [])), tags_of(properties)
        is_same = handlers._stack_has_no_updates(stack, source.template, source.parameters, tags, False, True)
        if is_same and "_failed_operation" not in stack:
            return outcome_of(stack)
        failure = await self._advance(stack, parent, properties, source, state_before(stack))
        if failure:
            status = f"Currently in {stack['StackStatus']} with reason: {failure}"
            raise ValueError(f"Embedded stack {physical_id} was not successfully updated. {status}")
        return outcome_of(stack)

    async def roll_back(self, physical_id: str) -> Outcome:
        """Restore the state before the parent's operation; the cleanup comes later. Raises ValueError."""
        stack, deployment = found(physical_id), self._updated.pop(physical_id, None)
        if deployment is not None:
            operation, pending = deployment.operation, deployment.pending
        elif "_failed_operation" in stack:
            operation, pending = restored(stack, stack.pop("_failed_operation")), {}
        else:  # It had not changed.
            return outcome_of(stack)
        events = StackEvents(stack)
        if stack["StackStatus"] != "UPDATE_ROLLBACK_IN_PROGRESS":
            events.stack("UPDATE_ROLLBACK_IN_PROGRESS")
        rollback = Rollback(operation, events, pending)
        assert operation.stable is not None
        if not await rollback.restore(operation.stable):
            self._engine.under_way.end(physical_id)
            status = f"Currently in {stack['StackStatus']} with reason: {stack['StackStatusReason']}"
            raise ValueError(f"Embedded stack {physical_id} was not successfully updated. {status}")
        self._rolled_back[physical_id] = rollback
        return outcome_of(stack)

    async def clean_up(self, physical_id: str) -> None:
        """Delete what its update replaced, or what its rolled back update created."""
        if deployment := self._updated.pop(physical_id, None):
            await completion.clean_up(deployment, StackEvents(deployment.operation.stack))
        elif rollback := self._rolled_back.pop(physical_id, None):
            await rollback.clean_up()
        self._engine.under_way.end(physical_id)

    async def delete(self, physical_id: str) -> None:
        """Delete a nested stack with its resources. Raises ValueError if one remains."""
        stack = handlers._resolve_stack(physical_id)
        if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
            return
        for ended in (self._updated, self._rolled_back):
            ended.pop(physical_id, None)
        self._engine.under_way.end(physical_id)
        stack["RoleARN"] = (handlers._resolve_stack(stack["ParentId"]) or stack).get("RoleARN")
        await self._engine.delete(stack["StackName"], physical_id)
        if stack["StackStatus"] != "DELETE_COMPLETE":
            reason = stack["StackStatusReason"]
            raise ValueError(f"Embedded stack {physical_id} was not successfully deleted: {reason}")

    def preserve(self, physical_id: str) -> None:
        """Keep an update for the parent's next operation, which continues or undoes it."""
        if deployment := self._updated.pop(physical_id, None):
            stack = deployment.operation.stack
            stack["_failed_operation"] = deployment.operation.saved()
            StackEvents(stack).stack("UPDATE_COMPLETE")
            self._engine.under_way.end(physical_id)

    def halt(self, stack_id: str, logical_id: str) -> None:
        """Halt the operation of the nested stack that a parent is creating or updating."""
        if child := child_of(stack_id, logical_id):
            self._engine.cancel(child["StackId"])

    def take_up(self, stack: dict, cut_off: dict | None) -> None:
        """Make an interrupted operation ready to be ended by the parent's recovery."""
        if cut_off is None or "changes" not in cut_off:
            return
        for logical_id, change in unfinished(stack, cut_off).items():
            cut_off["changes"][logical_id] = change
            stack["_resources"][logical_id] = change["record"]
        operation = restored(stack, cut_off)
        if operation.before is not None:
            self._updated[stack["StackId"]] = Deployment(operation, StackEvents(stack))

    async def _advance(self, stack: dict, parent: dict, properties: dict, source: Source, before: dict | None) -> str:
        """Run a create or update up to its cleanup; return the reason of a failure."""
        describe(stack, parent, properties, source)
        operation = self._engine.operation(stack, source.template, source.parameters, before)
        inherited = self._engine.running[parent["StackId"]].operation
        operation.disable_rollback = inherited.disable_rollback
        operation.retain_except_on_create = inherited.retain_except_on_create
        events = StackEvents(stack)
        events.stack(f"{operation.verb}_IN_PROGRESS")
        if self._engine.is_refused(operation, before is None or operation.disable_rollback):
            return "Validation failed. Call DescribeEvents to retrieve the full list of issues."
        self._engine.under_way.begin(operation)
        deployment, failure = await self._engine.advance(operation, events)
        if stack["StackStatus"].startswith("DELETE_"):
            failure = failure or "the stack was deleted."
        elif failure:
            await self._fail(deployment, events, failure)
        else:
            completion.succeed(operation, events)
        if not failure and before is not None:
            self._updated[stack["StackId"]] = deployment
        if stack["StackId"] not in self._updated:
            self._engine.under_way.end(stack["StackId"])
        return failure

    async def _fail(self, deployment: Deployment, events: StackEvents, failure: str) -> None:
        operation = deployment.operation
        if operation.before is not None and not operation.disable_rollback:
            events.stack("UPDATE_ROLLBACK_IN_PROGRESS", failure)
            self._updated[events.stack_id] = deployment
            return
        await asyncio.gather(*deployment.pending.values())
        if operation.disable_rollback:
            operation.stack["_failed_operation"] = operation.saved()
        events.stack(f"{operation.verb}_FAILED", failure)
