"""The files of a data set: on this machine, in the data bucket, and on their way there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from operations.aws.connection import Connection
from operations.deployed.stacks import output
from operations.errors import BadInput
from operations.uploads.checksum import sha256
from operations.uploads.encryption import SUFFIX
from operations.uploads.protection import ClientSide, Protection, ServerSide
from operations.uploads.sender import Sender
from operations.uploads.state import FOLDER, Uploads
from specs import ModelSpec, names

DEFAULT_PART_BYTES = 16 << 20
Progress = Callable[[str, int], None]
"""Called with a file's name and the number of its bytes that were done since the last call."""


@dataclass(frozen=True)
class Uploaded:
    """One file of a data set that is in the bucket now.

    `outcome` is "uploaded" or "unchanged"; `bytes` is its size; `resumed_bytes` were there from an interrupted upload.
    """

    file: str
    uri: str
    bytes: int
    outcome: str
    resumed_bytes: int = 0


def files_in(folder: Path, model: ModelSpec) -> tuple[Path, ...]:
    """The data set's files in a folder. Raises ``BadInput`` that lists all missing ones."""
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
    """Upload the files that changed; encrypt them before if the model says so.

    An interrupted upload of a large file leaves its parts in S3, and the next call sends only the rest.
    """
    files = files_in(folder, model)
    uploads = Uploads(FOLDER)
    protection = _protection(connection, model, uploads, progress)
    sender = Sender(connection.client("s3"), protection.bucket, uploads, part_size)
    return tuple(_upload_file(path, names.raw_data(model.data.dataset), protection, sender, progress) for path in files)


def missing_data(connection: Connection, model: ModelSpec) -> tuple[str, ...]:
    """The files that the data bucket lacks: the data set's, and those that decrypt them (docs/data.md)."""
    bucket = output(connection, names.foundation_stack(connection.environment.name), "DataBucketName")
    prefix = names.raw_data(model.data.dataset)
    pages = connection.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    present = {item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])}
    beside = [name + SUFFIX for name in model.data.files] if model.data.encryption == "client-side" else []
    return tuple(name for name in (*model.data.files, *beside) if name not in present)


def _upload_file(path: Path, prefix: str, protection: Protection, sender: Sender, progress: Progress) -> Uploaded:
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
