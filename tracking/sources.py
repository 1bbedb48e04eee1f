"""Reads an execution's files in S3, and writes the files that MLflow shows."""

from __future__ import annotations

import io
import json
import tarfile
import urllib.parse
from typing import Any

from botocore.exceptions import ClientError

from tracking.error import TrackingError

_HISTORY = "data/history.json"


class Objects:
    """Objects by their S3 URIs."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def read(self, uri: str) -> bytes:
        """Raises TrackingError, which names the object."""
        bucket, key = _split(uri)
        try:
            return self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise TrackingError(f"{uri} cannot be read: {error.response['Error']['Message']}") from error

    def find(self, uri: str) -> bytes | None:
        """None if there is no such object. Raises TrackingError.

        It is looked up in a list: who may list a prefix only is told "Access Denied" of an object that is not there
        ("GetObject", Amazon S3 API Reference, Permissions).
        """
        bucket, key = _split(uri)
        try:
            listed = self._s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
        except ClientError as error:
            raise TrackingError(f"{uri} cannot be looked up: {error.response['Error']['Message']}") from error
        return self.read(uri) if [entry["Key"] for entry in listed] == [key] else None

    def read_json(self, uri: str) -> dict[str, Any]:
        try:
            return json.loads(self.read(uri))
        except ValueError as error:
            raise TrackingError(f"{uri} is not JSON: {error}") from error

    def write(self, uri: str, content: bytes, content_type: str) -> None:
        bucket, key = _split(uri)
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type)
        except ClientError as error:
            raise TrackingError(f"{uri} cannot be written: {error.response['Error']['Message']}") from error


def history(archive: bytes | None) -> dict[str, list[list[float]]]:
    """The curves in a training job's output.tar.gz; empty without an archive or a history."""
    if archive is None:
        return {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            if member.name.removeprefix("./") == _HISTORY:
                file = tar.extractfile(member)
                return json.load(file) if file else {}
    return {}


def _split(uri: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc:
        raise TrackingError(f"{uri} is no place in S3; an MLflow App keeps its artifacts there (s3://BUCKET/PREFIX)")
    return parts.netloc, parts.path.lstrip("/")
