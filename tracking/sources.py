"""The files of an execution in S3, and those that MLflow shows beside a run."""

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
    """Objects of S3, by their URIs."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def read(self, uri: str) -> bytes:
        """Read an object. Raises TrackingError, which names it."""
        bucket, key = _split(uri)
        try:
            return self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise TrackingError(f"{uri} cannot be read: {error.response['Error']['Message']}") from error

    def find(self, uri: str) -> bytes | None:
        """Read an object; None if it does not exist. Raises TrackingError.

        A list tells whether it exists: without ListBucket on the whole bucket, GetObject answers "Access Denied" for a
        missing object (Amazon S3 API Reference, "GetObject", Permissions).
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
    """The curves in a training job's output.tar.gz; {} without an archive or history."""
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
        raise TrackingError(f"{uri} is not an S3 URI; an MLflow App keeps its artifacts in S3 (s3://BUCKET/PREFIX)")
    return parts.netloc, parts.path.lstrip("/")
