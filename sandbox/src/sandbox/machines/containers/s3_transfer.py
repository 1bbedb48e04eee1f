"""Files between S3 and a job's folder."""

from __future__ import annotations

import filecmp
import pathlib
import re
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.frame.errors import ValidationException


class NamesClash(OSError):
    """When two instances of a job wrote different files with one name.

    AWS loses one of them.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"several instances wrote '{name}', each another one: AWS asks that no names clash, and does not say which "
            "would be kept. Let one instance write it, or name it by its host"
        )


TRANSFER_ERRORS = (ClientError, BotoCoreError, Boto3Error, OSError)
"""Errors that may be raised during a transfer."""

# One object after another: on one machine a thread pool for each file costs more than it gains.
_TRANSFER = TransferConfig(use_threads=False)
_PATH_STYLE = re.compile(r"https://s3[.-][a-z0-9-]+\.amazonaws\.com(?:\.cn)?/([^/]+)/?(.*)")


@dataclass(frozen=True)
class S3Location:
    """A bucket and a key or prefix."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> S3Location:
        """Parse s3://bucket/key, or https://s3.REGION.amazonaws.com/bucket/key as in the CDK's tasks.

        Raises ValidationException for any other URI.
        """
        matched = re.fullmatch(r"s3://([^/]+)/?(.*)", uri) or _PATH_STYLE.fullmatch(uri)
        if matched is None:
            raise ValidationException(f"'{uri}' is not an S3 location: write s3://bucket/prefix")
        return cls(matched[1], matched[2])

    def __truediv__(self, name: str) -> S3Location:
        return S3Location(self.bucket, f"{self.key.rstrip('/')}/{name}".lstrip("/"))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def encryption(key_id: str | None) -> dict[str, str]:
    """Upload arguments for encryption with a KMS key; without a key the bucket's default applies."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}


EVERYTHING = slice(None)


def download(s3: Any, location: S3Location, folder: pathlib.Path, part: slice = EVERYTHING) -> int:
    """Download the objects below the location into the folder. Returns their number.

    Keys keep their path below the prefix; an object named by its complete key keeps its own name (S3DataSource,
    S3DataType S3Prefix). `part` selects from the sorted keys: slice(0, None, 2) is one of two shards.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keys = sorted(_keys(s3, location))[part]
    for key in keys:
        target = (folder / _below(location.key, key)).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise ValidationException(f"the key '{key}' leads out of its download folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(location.bucket, key, str(target), Config=_TRANSFER)
    return len(keys)


def _keys(s3: Any, location: S3Location) -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=location.bucket, Prefix=location.key)
    for page in pages:
        yield from (found["Key"] for found in page.get("Contents", []) if not found["Key"].endswith("/"))


def _below(prefix: str, key: str) -> str:
    """The path of a key below a prefix: `train` and `train/` contain `train/a`, but not `train-1`."""
    folder = prefix if prefix.endswith("/") else prefix + "/"
    if key.startswith(folder):
        return key[len(folder) :]
    return key[prefix.rfind("/") + 1 :]


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    """All plain files below a folder, sorted; empty without a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def upload_file(s3: Any, path: pathlib.Path, location: S3Location, extra: dict[str, str]) -> None:
    s3.upload_file(str(path), location.bucket, location.key, ExtraArgs=extra, Config=_TRANSFER)


def upload_folders(s3: Any, folders: Sequence[pathlib.Path], location: S3Location, extra: dict[str, str]) -> None:
    """Upload every file below the folders to the same path below the location. Raises NamesClash."""
    for name, path in _merged(folders).items():
        if path.is_file() and not path.is_symlink():
            upload_file(s3, path, location / name, extra)


def upload_archive(s3: Any, folders: Sequence[pathlib.Path], location: S3Location, extra: dict[str, str]) -> None:
    """Upload the folders' files as one tar.gz; without files nothing. Raises NamesClash.

    Source: AWS, "How Amazon SageMaker AI Processes Training Output" (it aggregates the output of several containers).
    """
    content = _merged(folders)
    if not content:
        return
    with tempfile.NamedTemporaryFile(suffix=".tar.gz", dir=folders[0].parent) as archive:
        with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=6) as tar:
            for name, path in content.items():
                tar.add(path, name, recursive=False)
        archive.flush()
        upload_file(s3, pathlib.Path(archive.name), location, extra)


def _merged(folders: Sequence[pathlib.Path]) -> dict[str, pathlib.Path]:
    """All files below the folders by their path. Raises NamesClash for one path with two contents."""
    merged: dict[str, pathlib.Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            other = merged.setdefault(name, path)
            if other is not path and not _same(other, path):
                raise NamesClash(name)
    return dict(sorted(merged.items()))


def _same(one: pathlib.Path, other: pathlib.Path) -> bool:
    if one.is_dir() or other.is_dir():
        return one.is_dir() and other.is_dir()
    return filecmp.cmp(one, other, shallow=False)
