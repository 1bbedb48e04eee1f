"""Recovery after the sandbox's end: interrupted executions fail, stack operations are undone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from ministack.services import cloudformation, stepfunctions
from ministack.services.cloudformation import stacks

from sandbox.corrections.cloudformation.operations.engine import Engine
from sandbox.corrections.cloudformation.operations.resource_calls import take_up_nested

NAMES = {
    "ministack.services.cloudformation": "_stacks",
    "ministack.services.cloudformation.stacks": "_stack_region_context",
    "ministack.services.stepfunctions": "_executions _fail_execution",
}
OVERRIDES = {
    "executions that were running when the sandbox ended": "ministack marks them FAILED, without an event in their "
    "history or on the bus",
    "stack operations that were under way when the sandbox ended": "ministack leaves the stack IN_PROGRESS for ever; "
    "creates and updates are rolled back, deletions and cleanups go on",
}
_EXECUTION_CAUSE = "InternalServerError: the sandbox ended while this execution was running. Start it again."
_STACK_REASON = "Internal Failure: the sandbox ended during this operation."

_logger = logging.getLogger(__name__)


def running_executions(states: Mapping[str, Any]) -> list[str]:
    """The ARNs of running executions in a saved state."""
    executions = states.get("stepfunctions", {}).get("state", {}).get("executions")
    return (
        [each["executionArn"] for each in executions.all_values() if each["status"] == "RUNNING"] if executions else []
    )


def fail_executions(arns: list[str]) -> None:
    """End executions as failed, with events; ministack marks them without events."""
    for arn in arns:
        execution = next((each for each in stepfunctions._executions.all_values() if each["executionArn"] == arn), None)
        if execution:
            execution["status"] = "RUNNING"
            stepfunctions._fail_execution(execution, "States.Runtime", _EXECUTION_CAUSE)


async def recover_stacks(engine: Engine, operations: Mapping[str, dict]) -> None:
    """End every interrupted stack operation; `operations` are by stack id."""
    busy = [stack for stack in cloudformation._stacks.all_values() if _is_busy(stack["StackStatus"])]
    ids = {stack["StackId"] for stack in busy}
    nested = [stack for stack in busy if stack.get("ParentId") in ids]
    for stack in nested:  # they end with their parents
        take_up_nested(stack, operations.get(stack["StackId"]))
    roots = [stack for stack in busy if stack not in nested]
    await asyncio.gather(*(_recover(engine, stack, operations.get(stack["StackId"])) for stack in roots))


def _is_busy(status: str) -> bool:
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


async def _recover(engine: Engine, stack: dict, cut_off: dict | None) -> None:
    with stacks._stack_region_context(stack):
        try:
            await engine.recover(stack, cut_off, _STACK_REASON)
        except Exception as error:
            _logger.exception("%s was not recovered", stack["StackName"])
            engine.give_up(stack, f"{_STACK_REASON} It could not be undone: {error!r}")
