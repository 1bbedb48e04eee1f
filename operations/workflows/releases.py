"""Releases: the execution that follows an approval, and a release that is started again."""

from __future__ import annotations

import time
from collections.abc import Collection
from itertools import islice

from operations.aws.connection import Connection
from operations.deployed import endpoint, registry
from operations.deployed.registry import PackageVersion
from operations.deployed.stacks import output, outputs
from operations.errors import BadInput, Failed
from operations.workflows import executions
from operations.workflows.executions import Execution
from specs import hints, names

EVENT_SECONDS = 120.0
SEARCHED = 20
"""The newest executions among which the last release of a version is looked for."""


def state_machine(connection: Connection, model: str) -> str:
    """The ARN of the model's release workflow. Raises ``Failed`` if it is not deployed."""
    return output(connection, names.release_stack(connection.environment.name, model), "StateMachineArn")


def newest(connection: Connection, model: str) -> str:
    """The ARN of the release that was started last. Raises ``Failed`` if no version was released."""
    arn = executions.newest(connection, state_machine(connection, model))
    if arn is None:
        approve = hints.approve(connection.environment.name, model)
        raise Failed(f"No version of {model} was released here: run `{approve}`.")
    return arn


def start(connection: Connection, workflow: str, package: PackageVersion) -> str:
    """Start the release of a version; returns the execution's ARN."""
    return executions.start(connection, workflow, {"ModelPackageArn": package.arn})


def last_of(connection: Connection, model: str, package: PackageVersion) -> Execution | None:
    """The last release of a version among the newest executions, or None."""
    stack = names.release_stack(connection.environment.name, model)
    workflow = (outputs(connection, stack) or {}).get("StateMachineArn")
    newest = islice(executions.newest_first(connection, workflow), SEARCHED) if workflow else ()
    found = (executions.describe(connection, arn) for arn in newest)
    return next((execution for execution in found if execution.version == package.version), None)


def approve_and_find_release(connection: Connection, model: str, package: PackageVersion, reason: str) -> str:
    """Approve a version, and return the ARN of the release execution that this starts.

    Raises ``BadInput`` before anything changes if a newer version serves: no approval releases an older one. Raises
    ``Failed``.
    """
    workflow = state_machine(connection, model)
    if newer := newer_in_service(connection, model, package):
        place = connection.environment.name, model
        raise BadInput(
            f"Nothing was changed: version {newer} serves, and the approval of an older one releases nothing. "
            f"To go back to version {package.version}, run `{hints.approve(*place, package.version)}`, "
            f"then `{hints.rollback(*place, package.version)}`."
        )
    before = _newest(connection, workflow)
    registry.set_approval(connection, package, registry.APPROVED, reason)
    return _await_start(connection, model, workflow, package, before)


def newer_in_service(connection: Connection, model: str, package: PackageVersion) -> int | None:
    """The version in service, if it is newer than this one."""
    served = endpoint.in_service(connection, model)
    return served.version if served and served.version and served.version > package.version else None


def release_again(connection: Connection, model: str, package: PackageVersion) -> str:
    """Start the release of an Approved version again; returns its ARN. Raises ``BadInput`` or ``Failed``."""
    workflow, place = state_machine(connection, model), (connection.environment.name, model)
    if _is_released(connection, model, package):
        raise BadInput(f"Version {package.version} is Approved already, and in service.")
    if newer := newer_in_service(connection, model, package):
        raise BadInput(
            f"Version {package.version} is Approved already, and version {newer} serves: to go back, "
            f"use `{hints.rollback(*place, package.version)}`."
        )
    if under_way := executions.running(connection, workflow):
        raise Failed(f"A release of {model} is under way: `{hints.watch(*place, execution=under_way[0])}` follows it.")
    return start(connection, workflow, package)


def _is_released(connection: Connection, model: str, package: PackageVersion) -> bool:
    """Tell whether endpoint and stack agree on a version, and its last release succeeded."""
    served = endpoint.in_service(connection, model)
    if served is None or served.version != package.version:
        return False
    stack = outputs(connection, names.serving_stack(connection.environment.name, model)) or {}
    if stack.get("ReleasedModelPackage", package.arn) != package.arn:
        return False
    last = last_of(connection, model, package)
    return last is None or last.succeeded


def _newest(connection: Connection, workflow: str) -> frozenset[str]:
    """The ARNs of the newest executions: one that is not among them later is new."""
    found = connection.client("stepfunctions").list_executions(stateMachineArn=workflow, maxResults=100)
    return frozenset(item["executionArn"] for item in found["executions"])


def _await_start(
    connection: Connection, model: str, workflow: str, package: PackageVersion, before: Collection[str]
) -> str:
    """The ARN of the execution that the approval event starts for a package. Raises ``Failed`` after EVENT_SECONDS.

    EventBridge delivers at least once and mostly within seconds; the package's ARN is in the execution's input.
    """
    deadline = time.monotonic() + EVENT_SECONDS
    client = connection.client("stepfunctions")
    while time.monotonic() < deadline:
        for arn in _newest(connection, workflow).difference(before):
            if f'"{package.arn}"' in client.describe_execution(executionArn=arn).get("input", ""):
                return arn
        time.sleep(0.5)
    again = hints.approve(connection.environment.name, model, package.version, wait=True)
    raise Failed(
        f"Version {package.version} is Approved, but no release of it started within {EVENT_SECONDS:.0f} s: see "
        f"whether the event rule of the release stack is enabled and may start {workflow}. "
        f"`{again}` starts the release itself."
    )
