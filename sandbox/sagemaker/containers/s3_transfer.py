"""Files between S3 and a job's folder."""

from __future__ import annotations

import pathlib
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.sagemaker.api.errors import ValidationException

TRANSFER_ERRORS = (ClientError, BotoCoreError, Boto3Error, OSError)
"""What may be raised while files travel."""

# Objects travel one after another: a thread pool for each file costs more than it gains on one machine.
_TRANSFER = TransferConfig(use_threads=False)
_PATH_STYLE = re.compile(r"https://s3[.-][a-z0-9-]+\.amazonaws\.com(?:\.cn)?/([^/]+)/?(.*)")


@dataclass(frozen=True)
class S3Location:
    """A bucket and a key or prefix."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> S3Location:
        """From s3://bucket/key, or https://s3.REGION.amazonaws.com/bucket/key as the CDK's tasks write it.

        Raises ValidationException for any other URI.
        """
        matched = re.fullmatch(r"s3://([^/]+)/?(.*)", uri) or _PATH_STYLE.fullmatch(uri)
        if matched is None:
            raise ValidationException(f"'{uri}' is no S3 location: write s3://bucket/prefix")
        return cls(matched[1], matched[2])

    def __truediv__(self, name: str) -> S3Location:
        return S3Location(self.bucket, f"{self.key.rstrip('/')}/{name}".lstrip("/"))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def encryption(key_id: str | None) -> dict[str, str]:
    """Upload arguments for server-side encryption with a KMS key; without one, the bucket's default applies."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}


def download(s3: Any, location: S3Location, folder: pathlib.Path) -> int:
    """Every object whose key starts with the location's key, into the folder. Returns their number.

    Keys keep their path below the prefix; an object that is named completely keeps its own name
    (S3DataSource, S3DataType S3Prefix).
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for key in _keys(s3, location):
        target = (folder / _below(location.key, key)).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise ValidationException(f"the key '{key}' leads out of the folder that it is downloaded to")
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(location.bucket, key, str(target), Config=_TRANSFER)
        count += 1
    return count


def _keys(s3: Any, location: S3Location) -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=location.bucket, Prefix=location.key)
    for page in pages:
        yield from (found["Key"] for found in page.get("Contents", []) if not found["Key"].endswith("/"))


def _below(prefix: str, key: str) -> str:
    """The path of a key below a prefix: `train` and `train/` are folders of `train/a`; of `train-1`, neither."""
    folder = prefix if prefix.endswith("/") else prefix + "/"
    if key.startswith(folder):
        return key[len(folder) :]
    return key[prefix.rfind("/") + 1 :]


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    """All plain files below a folder, sorted; none if there is no folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def upload_file(s3: Any, path: pathlib.Path, location: S3Location, extra: dict[str, str]) -> None:
    s3.upload_file(str(path), location.bucket, location.key, ExtraArgs=extra, Config=_TRANSFER)


def upload_folder(s3: Any, folder: pathlib.Path, location: S3Location, extra: dict[str, str]) -> None:
    """Every file below the folder, under the same path below the location."""
    for path in files(folder):
        upload_file(s3, path, location / path.relative_to(folder).as_posix(), extra)


def upload_archive(s3: Any, folder: pathlib.Path, location: S3Location, extra: dict[str, str]) -> None:
    """The folder's content as one tar.gz; an empty folder makes no object."""
    content = sorted(folder.iterdir()) if folder.is_dir() else []
    if not content:
        return
    archive = folder.with_name(folder.name + ".tar.gz")
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        for path in content:
            tar.add(path, path.name)
    upload_file(s3, archive, location, extra)
    archive.unlink()
