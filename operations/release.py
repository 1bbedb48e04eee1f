"""The release execution that follows an approval or a rollback."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from operations.deployment import output
from operations.errors import Failed
from specs import names

if TYPE_CHECKING:
    from operations.aws import Connection

EVENT_SECONDS = 120.0


def state_machine(connection: Connection, model: str) -> str:
    """The ARN of the model's release workflow."""
    return output(connection, names.release_stack(connection.environment.name, model), "StateMachineArn")


def known(connection: Connection, workflow: str) -> frozenset[str]:
    """The ARNs of the newest executions: whatever is not among them later is new."""
    found = connection.client("stepfunctions").list_executions(stateMachineArn=workflow, maxResults=100)
    return frozenset(item["executionArn"] for item in found["executions"])


def await_start(connection: Connection, workflow: str, package: str, before: Collection[str]) -> str:
    """The ARN of the execution that the approval event started for a package. Raises ``Failed`` if none comes.

    EventBridge delivers at least once and mostly within seconds; the package's ARN is in the execution's input.
    """
    deadline = time.monotonic() + EVENT_SECONDS
    client = connection.client("stepfunctions")
    while time.monotonic() < deadline:
        for arn in known(connection, workflow).difference(before):
            if f'"{package}"' in client.describe_execution(executionArn=arn).get("input", ""):
                return arn
        time.sleep(0.5)
    raise Failed(
        f"No release of {package} started within {EVENT_SECONDS:.0f} s of the approval: "
        f"see whether the event rule of the release stack is enabled and may start {workflow}."
    )
