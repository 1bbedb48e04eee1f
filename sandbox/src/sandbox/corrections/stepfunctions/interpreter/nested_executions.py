"""The failure of an execution that another one, or a client, waits for.

AWS Step Functions API Reference, "StartSyncExecution"; recorded by localstack, `test_callback.snapshot.json`
(`test_start_execution_sync_delegate_failure`): the error is States.TaskFailed, its cause describes the execution.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import json_response
from ministack.services import stepfunctions

NAMES = {"ministack.services.stepfunctions": "_nested_execution_failure _start_sync_execution _executions"}
OVERRIDES = {
    "`_nested_execution_failure`": "a nested execution fails its task as States.TaskFailed, described in the cause",
    "`_start_sync_execution`": "an execution that failed has no output",
}
_DESCRIBED = ("cause", "error", "executionArn", "input", "name", "startDate", "stateMachineArn", "status", "stopDate")


def failure(payload: dict[str, Any]) -> tuple[str, str]:
    """The error and the cause of a task that waited for an execution."""
    described = {f"{name[0].upper()}{name[1:]}": payload[name] for name in _DESCRIBED if payload.get(name)}
    return "States.TaskFailed", json.dumps({**described, "InputDetails": {"Included": True}}, separators=(",", ":"))


def start_sync_execution(start: Callable[[dict], tuple]) -> Callable[[dict], tuple]:
    """Run an execution to its end, and answer without an output if it failed."""

    def start_sync_execution(data: dict) -> tuple:
        status, headers, body = start(data)
        answer = json.loads(body)
        if answer.get("status") not in {"FAILED", "TIMED_OUT", "ABORTED"}:
            return status, headers, body
        execution = stepfunctions._executions[answer["executionArn"]]
        said = {name: execution[name] for name in ("error", "cause") if execution.get(name)}
        kept = {name: value for name, value in answer.items() if name not in {"output", "error", "cause"}}
        return json_response(kept | said)

    return start_sync_execution
