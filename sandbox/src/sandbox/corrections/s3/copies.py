"""CopyObject with the checksum that it asks for, and with AWS's limit.

Sources: Amazon S3 API Reference, "CopyObject" and "CopyObjectResult"; Amazon S3 User Guide, "Checking object integrity
in Amazon S3".
"""

from __future__ import annotations

import urllib.parse
from typing import Any

from ministack.services import s3

NAMES = {
    "ministack.services.s3": "_copy_object _buckets _error _persist_object S3_PERSIST",
}
OVERRIDES = {
    "S3: CopyObject": "ChecksumAlgorithm gives the copy that checksum, of the whole object even if the source was "
    "uploaded in parts, and the answer shows it; a source above 5 GB is refused",
}
LARGEST = 5 * 1024**3
"""The largest source of one CopyObject, in bytes."""

_ALGORITHM = "x-amz-checksum-algorithm"
_RESULT_END = b"</CopyObjectResult>"


def copy_as_aws_does() -> None:
    """Replace ministack's CopyObject."""
    copy = s3._copy_object

    def copy_object(bucket: str, key: str, headers: dict[str, str]) -> tuple:
        source = _source(headers)
        if source.get("size", 0) > LARGEST:
            message = (
                f"The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST}"
            )
            return s3._error("InvalidRequest", message, 400)
        algorithm = headers.get(_ALGORITHM, "").upper()
        asked = {**headers, "x-amz-sdk-checksum-algorithm": algorithm} if algorithm else headers
        status, answered, body = copy(bucket, key, asked)
        if status == 200:
            body = _shown(_settled(bucket, key, algorithm, source), body)
        return status, answered, body

    s3._copy_object = copy_object


def _source(headers: dict[str, str]) -> dict[str, Any]:
    """The current version of the source; empty without one, or if another one is copied."""
    path, _, version = headers.get("x-amz-copy-source", "").lstrip("/").partition("?")
    bucket, _, key = urllib.parse.unquote(path).partition("/")
    objects = (s3._buckets.get(bucket) or {}).get("objects", {})
    return {} if version else objects.get(key) or {}


def _settled(bucket: str, key: str, algorithm: str, source: dict[str, Any]) -> dict[str, Any]:
    """The copy, with one checksum: the one it asked for, or the source's with its type."""
    made = s3._buckets[bucket]["objects"][key]
    if not algorithm:
        made["checksum_type"] = source.get("checksum_type")
        return made
    for other in set(made["checksums"]) - {algorithm}:
        del made["checksums"][other]
    if s3.S3_PERSIST:
        s3._persist_object(bucket, key, made)
    return made


def _shown(made: dict[str, Any], body: bytes) -> bytes:
    """The answer with the copy's checksum."""
    members = {f"Checksum{name}": value for name, value in made["checksums"].items()}
    if members:
        members["ChecksumType"] = made.get("checksum_type") or "FULL_OBJECT"
    added = "".join(f"<{name}>{value}</{name}>" for name, value in members.items()).encode()
    return body.replace(_RESULT_END, added + _RESULT_END)
