"""An execution's events in the log group of its state machine.

"Using CloudWatch Logs to log execution history in Step Functions": the levels, and the form of an entry.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudwatch_logs, stepfunctions

NAMES = {
    "ministack.services.stepfunctions": "_add_event _state_machines",
    "ministack.services.cloudwatch_logs": "_log_groups _create_log_stream _put_log_events",
}
OVERRIDES = {
    "Step Functions: LoggingConfiguration": "ministack keeps it and writes nothing; events go to the log group by level"
}

_FATAL = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
_ERROR = _FATAL | frozenset({"TaskFailed", "TaskTimedOut", "LambdaFunctionFailed", "FailStateEntered"})
_DATA = ("input", "output")


def write_events_to_log_groups() -> None:
    """Write a log entry for each event of an execution."""
    add = stepfunctions._add_event

    def add_event(execution: dict, event_type: str, details: dict | None = None) -> dict:
        event, events = add(execution, event_type, details), execution["events"]
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"], {})
        if event is events[-1] and (group := _group(machine)):
            begun = events[:1] if event["id"] == 2 else []
            for item in [*begun, event]:
                _write(group, machine, execution, item)
        return event

    stepfunctions._add_event = add_event


def _group(machine: dict[str, Any]) -> str:
    """The name of the machine's log group; empty without one."""
    for destination in machine.get("loggingConfiguration", {}).get("destinations", []):
        name = destination["cloudWatchLogsLogGroup"]["logGroupArn"].split(":log-group:")[1].removesuffix(":*")
        return name if name in cloudwatch_logs._log_groups else ""
    return ""


def _write(group: str, machine: dict[str, Any], execution: dict[str, Any], event: dict[str, Any]) -> None:
    logging = machine["loggingConfiguration"]
    if not _is_logged(logging.get("level", "OFF"), event["type"]):
        return
    now = time.time()
    minute = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d-%H-%M")
    stream = {"logGroupName": group, "logStreamName": f"states/{machine['name']}/{minute}/sandbox"}
    if stream["logStreamName"] not in cloudwatch_logs._log_groups[group]["streams"]:
        cloudwatch_logs._create_log_stream(stream)
    details: dict[str, Any] = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
    entry = {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details if logging.get("includeExecutionData") else _without_data(details),
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(int(now * 1000)),
        "execution_arn": execution["executionArn"],
        "redrive_count": "0",
    }
    written = [{"timestamp": int(now * 1000), "message": json.dumps(entry)}]
    cloudwatch_logs._put_log_events({**stream, "logEvents": written})


def _is_logged(level: str, event_type: str) -> bool:
    return level == "ALL" or (level == "ERROR" and event_type in _ERROR) or (level == "FATAL" and event_type in _FATAL)


def _without_data(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if name not in _DATA}
