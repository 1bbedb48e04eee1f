"""Upload of one body to S3, continued after an interruption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from operations.uploads import parts
from operations.uploads.parts import NamedParts, PartsUpload, Sent, Target
from operations.uploads.protection import Body
from operations.uploads.state import Uploads, UploadState


@dataclass(frozen=True)
class Sender:
    """The sender to one bucket, in parts of ``part_size`` bytes."""

    s3: Any
    bucket: str
    uploads: Uploads
    part_size: int

    def send(self, key: str, body: Body, checksum: str, kept: UploadState | None, sent: Sent) -> int:
        """Send a body; return the number of bytes that an interrupted upload had sent.

        An interruption leaves parts and state for the next call. ``checksum`` is that of the file before encryption.
        """
        target = Target(self.s3, self.bucket, key, body.metadata)
        size = body.path.stat().st_size
        if kept is not None and kept.body_checksum != body.checksum:
            PartsUpload(target, kept.upload_id, body.path, []).abandon()
            kept = None
        if kept is None and size <= self.part_size:
            parts.send_whole(target, body.path, sent)
            return 0
        upload, intact = self._resume(target, body, kept) or self._begin(target, body, checksum)
        resumed = sum(part.size for part in upload.parts if part.number in intact)
        sent(resumed)
        upload.send(intact, sent)
        return resumed

    def _resume(self, target: Target, body: Body, kept: UploadState | None) -> tuple[PartsUpload, NamedParts] | None:
        """The interrupted upload with its intact parts, if S3 still knows it."""
        if kept is None:
            return None
        upload = PartsUpload(target, kept.upload_id, body.path, parts.parts_of(body.path, kept.part_size))
        intact = upload.intact()
        return None if intact is None else (upload, intact)

    def _begin(self, target: Target, body: Body, checksum: str) -> tuple[PartsUpload, NamedParts]:
        """Begin an upload, and remember it before its first part is sent."""
        state = UploadState(
            bucket=self.bucket,
            key=target.key,
            checksum=checksum,
            body_checksum=body.checksum,
            part_size=parts.part_size_for(body.path, self.part_size),
            upload_id=parts.begin(target),
            fingerprint=body.fingerprint,
            instruction=body.instruction,
        )
        self.uploads.remember(state)
        return PartsUpload(target, state.upload_id, body.path, parts.parts_of(body.path, state.part_size)), {}
