"""Executions of the training and release workflows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import code
from operations.errors import BadInput
from operations.workflows import history, jobs

STOP_SECONDS = 60.0


def short_name(arn: str) -> str:
    """The name of an execution in its ARN."""
    return arn.rpartition(":")[2]


@dataclass(frozen=True)
class Execution:
    """One execution at one moment."""

    arn: str
    status: str
    started: datetime
    stopped: datetime | None
    error: str | None
    cause: str | None
    output: str | None
    states: tuple[history.StateProgress, ...] = ()
    job: jobs.JobView | None = None
    input: str | None = None

    @property
    def running(self) -> bool:
        return self.status in {"RUNNING", "PENDING_REDRIVE"}

    @property
    def succeeded(self) -> bool:
        return self.status == "SUCCEEDED"

    @property
    def ended_badly(self) -> bool:
        return self.status in {"FAILED", "ABORTED", "TIMED_OUT"}

    @property
    def now(self) -> datetime:
        """The time when it ended, or the present."""
        return self.stopped or datetime.now(UTC)

    @property
    def seconds(self) -> float:
        return (self.now - self.started).total_seconds()

    @property
    def reason(self) -> str:
        """The reason why it did not succeed."""
        return history.failure(self.error, self.cause)

    @property
    def version(self) -> int | None:
        """The version that a release was asked for; None for other executions."""
        given = json.loads(self.input or "null")
        asked = given.get("detail", given) if isinstance(given, dict) else {}
        number = str(asked.get("ModelPackageArn", "")).rpartition("/")[2]
        return int(number) if number.isdigit() else None

    @property
    def gate(self) -> str | None:
        """The sentence of the gate that a training passed; None for other executions."""
        result = json.loads(self.output or "null")
        return result.get("gate") if isinstance(result, dict) else None

    def as_json(self) -> dict[str, Any]:
        """The execution for programs."""
        return {
            "execution": self.arn,
            "status": self.status,
            "started": self.started,
            "stopped": self.stopped,
            "seconds": round(self.seconds, 3),
            "error": self.error,
            "cause": self.cause,
            "gate": self.gate,
            "states": [
                {
                    "name": state.name,
                    "type": state.kind,
                    "entered": state.entered,
                    "left": state.left,
                    "visits": state.visits,
                    "error": state.error,
                }
                for state in self.states
            ],
        }


def start(connection: Connection, state_machine: str, argument: dict[str, Any]) -> str:
    """Start an execution and return its ARN."""
    client = connection.client("stepfunctions")
    return client.start_execution(stateMachineArn=state_machine, input=json.dumps(argument))["executionArn"]


def describe(connection: Connection, arn: str) -> Execution:
    """An execution's status, without its states. Raises ``BadInput`` if it does not exist."""
    try:
        found = connection.client("stepfunctions").describe_execution(executionArn=arn)
    except ClientError as error:
        if code(error) in {"ExecutionDoesNotExist", "InvalidArn"}:
            raise BadInput(f"There is no execution {arn}.") from None
        raise
    return Execution(
        arn=arn,
        status=found["status"],
        started=found["startDate"],
        stopped=found.get("stopDate"),
        error=found.get("error"),
        cause=found.get("cause"),
        output=found.get("output"),
        input=found.get("input"),
    )


def follow(connection: Connection, arn: str, interval: float = 2.0) -> Iterator[Execution]:
    """Yield an execution with its states and its current job until it has ended.

    Each look is DescribeExecution, GetExecutionHistory, and the calls for the job (see jobs.CurrentJob).
    """
    status = describe(connection, arn)
    job = jobs.CurrentJob(connection, arn, status.started)
    while True:
        states = history.read(_events(connection, arn))
        yield replace(status, states=states, job=job.look(history.running(states)) if status.running else None)
        if not status.running:
            return
        time.sleep(interval)
        status = describe(connection, arn)


def newest(connection: Connection, state_machine: str) -> str | None:
    """The ARN of the execution that was started last, or None."""
    client = connection.client("stepfunctions")
    found = client.list_executions(stateMachineArn=state_machine, maxResults=1)["executions"]
    return found[0]["executionArn"] if found else None


def newest_first(connection: Connection, state_machine: str) -> Iterator[str]:
    """The ARNs of all executions of a workflow (AWS Step Functions API Reference, "ListExecutions")."""
    pages = connection.client("stepfunctions").get_paginator("list_executions")
    for page in pages.paginate(stateMachineArn=state_machine):
        yield from (item["executionArn"] for item in page["executions"])


def running(connection: Connection, state_machine: str) -> tuple[str, ...]:
    """The ARNs of the running executions."""
    pages = connection.client("stepfunctions").get_paginator("list_executions")
    found = pages.paginate(stateMachineArn=state_machine, statusFilter="RUNNING")
    return tuple(item["executionArn"] for page in found for item in page["executions"])


def stop(connection: Connection, arn: str, cause: str) -> None:
    """Stop an execution and its jobs, unless they have ended, and wait for their end."""
    started = describe(connection, arn)
    if started.running:
        connection.client("stepfunctions").stop_execution(executionArn=arn, error="Stopped", cause=cause)
    # Step Functions stops the job of an aborted .sync task, but only as "best effort": stop it here, too, and wait.
    deadline = time.monotonic() + STOP_SECONDS
    while jobs.stop_all(connection, arn, started.started) and time.monotonic() < deadline:
        time.sleep(0.5)


def _events(connection: Connection, arn: str) -> Iterator[dict[str, Any]]:
    pages = connection.client("stepfunctions").get_paginator("get_execution_history")
    for page in pages.paginate(executionArn=arn, includeExecutionData=False):
        yield from page["events"]
