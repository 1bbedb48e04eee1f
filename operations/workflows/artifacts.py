"""The records of training executions in the artifacts bucket: evaluation, report, facts, history."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import is_missing
from operations.deployed import registry
from operations.deployed.registry import PackageVersion
from operations.deployed.stacks import output
from operations.errors import Failed
from operations.workflows import executions, training
from operations.workflows.executions import short_name
from operations.workflows.jobs import digest
from pages.run_files import HISTORY, history_in, json_object
from specs import hints, names

LONGEST_LABEL = 12
SEARCHED = 50
"""How many of the newest executions are searched for a file."""


@dataclass(frozen=True)
class Evaluated:
    """An execution that was evaluated: its metrics, and its facts and history, each {} if it left none.

    `shares` has the number of examples of each metric that is a share of examples.
    """

    arn: str
    began: datetime
    version: PackageVersion | None
    metrics: dict[str, float]
    shares: dict[str, int]
    facts: dict[str, Any]
    history: dict[str, list[list[float]]]

    @property
    def name(self) -> str:
        return short_name(self.arn)

    @property
    def label(self) -> str:
        """A short name: v3, or the beginning of the execution's name without a version."""
        return f"v{self.version.version}" if self.version else self.name[:LONGEST_LABEL]


def newest_with(connection: Connection, model: str, path: str) -> Iterator[str]:
    """The ARNs of the executions that left a file, newest first, among the newest SEARCHED."""
    workflow = training.state_machine(connection, model)
    for arn in islice(executions.newest_first(connection, workflow), SEARCHED):
        if exists(connection, model, arn, path):
            yield arn


def exists(connection: Connection, model: str, arn: str, path: str) -> bool:
    """Tell whether an execution left a file."""
    try:
        connection.client("s3").head_object(Bucket=_bucket(connection), Key=_key(model, arn, path))
    except ClientError as error:
        if is_missing(error):
            return False
        raise
    return True


def read(connection: Connection, model: str, arn: str, path: str) -> bytes | None:
    """Read a file of an execution; None if it left none."""
    try:
        return connection.client("s3").get_object(Bucket=_bucket(connection), Key=_key(model, arn, path))["Body"].read()
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def load(connection: Connection, model: str, arn: str) -> Evaluated:
    """Read everything about an evaluated execution. Raises ``Failed`` if it was not evaluated."""
    evaluation = read(connection, model, arn, names.EVALUATION)
    if evaluation is None:
        raise Failed(f"Execution {short_name(arn)} was not evaluated: {why_not_evaluated(connection, model, arn)}")
    measured = _parsed(evaluation, names.EVALUATION, arn)
    metrics, shares = measured.get("metrics"), measured.get("shares")
    if not isinstance(metrics, dict):
        raise Failed(f"{names.EVALUATION} of {short_name(arn)} has no metrics: there is nothing to compare.")
    facts = read(connection, model, arn, names.EXECUTION)
    began = executions.describe(connection, arn).started
    return Evaluated(
        arn,
        began,
        version(connection, model, arn, began),
        metrics,
        shares if isinstance(shares, dict) else {},
        _parsed(facts, names.EXECUTION, arn) if facts else {},
        _history(connection, model, arn),
    )


def version(connection: Connection, model: str, arn: str, began: datetime) -> PackageVersion | None:
    """The version that an execution registered, or None."""
    group = names.model_package_group(connection.environment.name, model)
    return registry.made_by(connection, group, arn, began)


def why_not_evaluated(connection: Connection, model: str, arn: str) -> str:
    """The reason why an execution was not evaluated, as the end of a sentence."""
    found = executions.describe(connection, arn)
    if found.running:
        return f"it is still running; follow it with `{hints.watch(connection.environment.name, model)}`."
    return f"it ended as {found.status}{'' if found.succeeded else f': {found.reason}'}"


def _history(connection: Connection, model: str, arn: str) -> dict[str, list[list[float]]]:
    """The history of the training job; empty without one, or for a damaged archive."""
    archive = read(connection, model, arn, names.OUTPUT)
    try:
        content = history_in(io.BytesIO(archive or b""))
    except (tarfile.TarError, OSError, EOFError):
        return {}
    return _parsed(content, HISTORY, arn) if content is not None else {}


def _parsed(content: bytes, file: str, arn: str) -> dict[str, Any]:
    try:
        return json_object(content, f"{file} of {short_name(arn)}")
    except ValueError as error:
        raise Failed(str(error)) from None


def _bucket(connection: Connection) -> str:
    return output(connection, names.foundation_stack(connection.environment.name), "ArtifactsBucketName")


def _key(model: str, arn: str, path: str) -> str:
    return names.record(model, digest(arn), path)
