"""What was under way when the sandbox ended, brought to an end: executions of state machines fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import stepfunctions

NAMES = {"ministack.services.stepfunctions": "_executions _fail_execution"}
OVERRIDES = {
    "executions that were running when the sandbox ended": "ministack marks them FAILED, without an event in their "
    "history or on the bus",
}
_CAUSE = "InternalServerError: the sandbox ended while this execution was running. Start it again."


def running_executions(states: Mapping[str, Any]) -> list[str]:
    """The ARNs of the executions that a state has as running."""
    executions = states.get("stepfunctions", {}).get("state", {}).get("executions")
    return (
        [each["executionArn"] for each in executions.all_values() if each["status"] == "RUNNING"] if executions else []
    )


def fail_executions(arns: list[str]) -> None:
    """End executions as failed, with the events that say so. ministack has marked them silently."""
    for arn in arns:
        execution = next((each for each in stepfunctions._executions.all_values() if each["executionArn"] == arn), None)
        if execution:
            execution["status"] = "RUNNING"
            stepfunctions._fail_execution(execution, "States.Runtime", _CAUSE)
