"""Releases: the execution that follows an approval, and a release that is started again."""

from __future__ import annotations

import time
from collections.abc import Collection

from operations.aws.connection import Connection
from operations.deployed import endpoint, registry
from operations.deployed.registry import PackageVersion
from operations.deployed.stacks import output
from operations.errors import BadInput, Failed
from operations.workflows import executions
from specs import names

EVENT_SECONDS = 120.0


def state_machine(connection: Connection, model: str) -> str:
    """The ARN of the model's release workflow. Raises ``Failed`` if it is not deployed."""
    return output(connection, names.release_stack(connection.environment.name, model), "StateMachineArn")


def newest(connection: Connection, model: str) -> str:
    """The ARN of the release that was started last. Raises ``Failed`` if no version was released."""
    arn = executions.newest(connection, state_machine(connection, model))
    if arn is None:
        approve = f"python -m operations approve {connection.environment.name} {model}"
        raise Failed(f"No version of {model} was released here: run `{approve}`.")
    return arn


def start(connection: Connection, workflow: str, package: PackageVersion) -> str:
    """Start the release of a version; returns the execution's ARN."""
    return executions.start(connection, workflow, {"ModelPackageArn": package.arn})


def approve_and_find_release(connection: Connection, model: str, package: PackageVersion, reason: str) -> str:
    """Approve a version, and return the ARN of the release execution that this starts. Raises ``Failed``."""
    workflow = state_machine(connection, model)
    before = _newest(connection, workflow)
    registry.set_approval(connection, package, registry.APPROVED, reason)
    return _await_start(connection, workflow, package.arn, before)


def release_again(connection: Connection, model: str, package: PackageVersion) -> str:
    """Start the release of an Approved version again; returns its ARN. Raises ``BadInput`` or ``Failed``."""
    workflow, served = state_machine(connection, model), endpoint.in_service(connection, model)
    if served and served.version == package.version:
        raise BadInput(f"Version {package.version} is Approved already, and in service.")
    if served and served.version and served.version > package.version:
        raise BadInput(
            f"Version {package.version} is Approved already, and version {served.version} serves: to go back, "
            f"use `python -m operations rollback {connection.environment.name} {model} {package.version}`."
        )
    if under_way := executions.running(connection, workflow):
        raise Failed(f"A release of {model} is under way: {under_way[0]}")
    return start(connection, workflow, package)


def _newest(connection: Connection, workflow: str) -> frozenset[str]:
    """The ARNs of the newest executions: one that is not among them later is new."""
    found = connection.client("stepfunctions").list_executions(stateMachineArn=workflow, maxResults=100)
    return frozenset(item["executionArn"] for item in found["executions"])


def _await_start(connection: Connection, workflow: str, package: str, before: Collection[str]) -> str:
    """The ARN of the execution that the approval event starts for a package. Raises ``Failed`` after EVENT_SECONDS.

    EventBridge delivers at least once and mostly within seconds; the package's ARN is in the execution's input.
    """
    deadline = time.monotonic() + EVENT_SECONDS
    client = connection.client("stepfunctions")
    while time.monotonic() < deadline:
        for arn in _newest(connection, workflow).difference(before):
            if f'"{package}"' in client.describe_execution(executionArn=arn).get("input", ""):
                return arn
        time.sleep(0.5)
    raise Failed(
        f"No release of {package} started within {EVENT_SECONDS:.0f} s of the approval: "
        f"see whether the event rule of the release stack is enabled and may start {workflow}."
    )
