"""One file's way to S3: a small one at once, a large one in parts that survive an interruption.

Every request carries the SHA-256 of its body, so that S3 refuses damaged data. Sources: Amazon S3 User Guide, "Checking
object integrity in Amazon S3", "Amazon S3 multipart upload limits".
"""

from __future__ import annotations

import base64
import hashlib
import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.explain import code

LEAST_PART_BYTES = 5 << 20
MOST_PARTS = 10_000
_AT_ONCE = 4
Sent = Callable[[int], None]
"""Called with the number of bytes that were sent since the last call."""
NamedParts = dict[int, dict[str, Any]]
"""Parts by their number, in S3's form."""


@dataclass(frozen=True)
class Target:
    """The object that a file becomes, with its metadata."""

    s3: Any
    bucket: str
    key: str
    metadata: dict[str, str]

    @property
    def location(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.key}


@dataclass(frozen=True)
class Part:
    """A part of a file: its number (from 1), its first byte and its size."""

    number: int
    start: int
    size: int

    def read(self, path: Path) -> bytes:
        with path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)


def part_size_for(path: Path, wanted: int) -> int:
    """The wanted part size, or a larger one if there would be too many parts."""
    return max(wanted, LEAST_PART_BYTES, -(-path.stat().st_size // MOST_PARTS))


def parts_of(path: Path, part_size: int) -> list[Part]:
    """A file's parts; the last one may be smaller."""
    size = path.stat().st_size
    starts = range(0, size, part_size)
    return [Part(number, start, min(part_size, size - start)) for number, start in enumerate(starts, 1)]


def send_whole(target: Target, path: Path, sent: Sent) -> None:
    """Send a file of at most one part in one request."""
    body = path.read_bytes()
    target.s3.put_object(**target.location, Body=body, Metadata=target.metadata, ChecksumSHA256=_checksum(body))
    sent(len(body))


def begin(target: Target) -> str:
    """Begin an upload in parts; returns its id. The bucket drops parts that are not completed within 7 days."""
    made = target.s3.create_multipart_upload(**target.location, Metadata=target.metadata, ChecksumAlgorithm="SHA256")
    return made["UploadId"]


@dataclass(frozen=True)
class PartsUpload:
    """An upload of a file in parts, begun now or before an interruption."""

    target: Target
    upload_id: str
    path: Path
    parts: list[Part]

    def intact(self) -> NamedParts | None:
        """The parts in S3 that have the checksums of the file's parts.

        None if S3 does not know the upload any more.
        """
        pages = self.target.s3.get_paginator("list_parts").paginate(**self.target.location, UploadId=self.upload_id)
        try:
            there = {found["PartNumber"]: found for page in pages for found in page.get("Parts", [])}
        except ClientError as error:
            if _is_gone(error):
                return None
            raise
        return {part.number: found for part in self.parts if (found := self._found(part, there))}

    def send(self, intact: NamedParts, sent: Sent) -> None:
        """Send the other parts and complete the upload. After an interruption the parts that arrived stay."""
        done, stop = dict(intact), threading.Event()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            missing = [part for part in self.parts if part.number not in intact]
            futures = {pool.submit(self._send_part, part, stop): part for part in missing}
            try:
                for future in as_completed(futures):
                    done[futures[future].number] = future.result()
                    sent(futures[future].size)
            except BaseException:
                stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        listed = [done[part.number] for part in self.parts]
        self.target.s3.complete_multipart_upload(
            **self.target.location, UploadId=self.upload_id, MultipartUpload={"Parts": listed}
        )

    def abandon(self) -> None:
        """Let S3 drop the parts of an upload that will not be completed."""
        try:
            self.target.s3.abort_multipart_upload(**self.target.location, UploadId=self.upload_id)
        except ClientError as error:
            if not _is_gone(error):
                raise

    def _found(self, part: Part, there: NamedParts) -> dict[str, Any] | None:
        found = there.get(part.number)
        if found is None or found["Size"] != part.size:
            return None
        checksum = _checksum(part.read(self.path))
        return _named(part, found["ETag"], checksum) if found.get("ChecksumSHA256") == checksum else None

    def _send_part(self, part: Part, stop: threading.Event) -> dict[str, Any]:
        body = part.read(self.path)
        checksum = _checksum(body)
        answer = self.target.s3.upload_part(
            **self.target.location,
            UploadId=self.upload_id,
            PartNumber=part.number,
            Body=_Stoppable(body, stop),
            ChecksumSHA256=checksum,
        )
        return _named(part, answer["ETag"], checksum)


class _Stoppable(io.BytesIO):
    """A part's body that fails after `stop`: on a slow line, Ctrl-C would have to wait for it."""

    def __init__(self, body: bytes, stop: threading.Event) -> None:
        super().__init__(body)
        self._stop = stop

    def read(self, size: int | None = -1, /) -> bytes:
        if self._stop.is_set():
            raise OSError("the upload was interrupted")
        return super().read(size)


def _named(part: Part, tag: str, checksum: str) -> dict[str, Any]:
    """A part in the form of CompleteMultipartUpload."""
    return {"PartNumber": part.number, "ETag": tag, "ChecksumSHA256": checksum}


def _is_gone(error: ClientError) -> bool:
    return code(error) in {"NoSuchUpload", "404"}


def _checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
