"""What the executions of a training workflow left in the artifacts bucket: evaluation, report, facts, history."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from operations import executions
from operations.deployment import output
from operations.errors import Failed
from operations.explain import is_missing
from operations.jobs import digest
from pages.run_files import HISTORY, history_in, json_object
from specs import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from operations.aws import Connection

HISTORY_ARCHIVE = "/output/output.tar.gz"
LOOKED_AT = 50


@dataclass(frozen=True)
class Evaluated:
    """An execution that was evaluated: its metrics, and its facts and history, which are {} where they are missing."""

    arn: str
    metrics: dict[str, float]
    facts: dict[str, Any]
    history: dict[str, list[list[float]]]

    @property
    def name(self) -> str:
        return short(self.arn)


def short(arn: str) -> str:
    """An execution's name."""
    return arn.rpartition(":")[2]


def state_machine(connection: Connection, model: str) -> str:
    """The ARN of the model's training workflow. Raises ``Failed`` if it is not deployed."""
    return output(connection, names.training_stack(connection.environment.name, model), "StateMachineArn")


def newest_with(connection: Connection, model: str, path: str) -> Iterator[str]:
    """The ARNs of the executions, newest first, that left a file; of the newest LOOKED_AT."""
    for arn in islice(executions.newest_first(connection, state_machine(connection, model)), LOOKED_AT):
        if exists(connection, model, arn, path):
            yield arn


def exists(connection: Connection, model: str, arn: str, path: str) -> bool:
    """Whether an execution left a file."""
    try:
        connection.client("s3").head_object(Bucket=_bucket(connection), Key=_key(model, arn, path))
    except ClientError as error:
        if is_missing(error):
            return False
        raise
    return True


def read(connection: Connection, model: str, arn: str, path: str) -> bytes | None:
    """A file that an execution left, None if it left none."""
    return _get(connection, _key(model, arn, path))


def load(connection: Connection, model: str, arn: str) -> Evaluated:
    """All that is known of an evaluated execution. Raises ``Failed`` if it was not evaluated."""
    evaluation = read(connection, model, arn, names.EVALUATION)
    if evaluation is None:
        raise Failed(f"Execution {short(arn)} was not evaluated: {why_not(connection, model, arn)}")
    metrics = _object(evaluation, f"{names.EVALUATION} of {short(arn)}").get("metrics")
    if not isinstance(metrics, dict):
        raise Failed(f"{names.EVALUATION} of {short(arn)} has no metrics: there is nothing to compare.")
    facts = read(connection, model, arn, names.EXECUTION)
    described = _object(facts, f"{names.EXECUTION} of {short(arn)}") if facts else {}
    return Evaluated(arn, metrics, described, _history(connection, model, arn))


def why_not(connection: Connection, model: str, arn: str) -> str:
    """Why an execution has not come as far as an evaluation, as the end of a sentence."""
    found = executions.describe(connection, arn)
    if found.running:
        return (
            f"it is still running; follow it with `python -m operations watch {connection.environment.name} {model}`."
        )
    return f"it ended as {found.status}{'' if found.succeeded else f': {found.reason}'}"


def _history(connection: Connection, model: str, arn: str) -> dict[str, list[list[float]]]:
    """From the newest training job's output.tar.gz: a ladder's earlier candidates may have left one too."""
    pages = connection.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=_bucket(connection), Prefix=_key(model, arn, f"{names.MODELS}/"))
    found = [item for page in listed for item in page.get("Contents", []) if item["Key"].endswith(HISTORY_ARCHIVE)]
    if not found:
        return {}
    archive = _get(connection, max(found, key=lambda item: item["LastModified"])["Key"])
    return _unpacked(archive) if archive else {}


def _unpacked(archive: bytes) -> dict[str, list[list[float]]]:
    """The history in an archive; none where the training code left none, or where the archive is damaged."""
    try:
        content = history_in(io.BytesIO(archive))
    except (tarfile.TarError, OSError, EOFError):
        return {}
    return _object(content, HISTORY) if content is not None else {}


def _object(content: bytes, name: str) -> dict[str, Any]:
    try:
        return json_object(content, name)
    except ValueError as error:
        raise Failed(str(error)) from None


def _get(connection: Connection, key: str) -> bytes | None:
    try:
        return connection.client("s3").get_object(Bucket=_bucket(connection), Key=key)["Body"].read()
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def _bucket(connection: Connection) -> str:
    return output(connection, names.foundation_stack(connection.environment.name), "ArtifactsBucketName")


def _key(model: str, arn: str, path: str) -> str:
    return f"{names.artifacts(model)}{digest(arn)}/{path}"
