"""Protection of a file: encrypted by S3 on arrival, or on this machine before anything leaves it."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError

from operations.aws.explain import code, is_missing
from operations.uploads import encryption
from operations.uploads.checksum import sha256
from operations.uploads.state import Uploads, UploadState

_FINGERPRINT = "slipway-fingerprint"


@dataclass(frozen=True)
class Body:
    """The data to send for a file.

    A path with its SHA-256, metadata for S3, and the values that an upload state remembers.
    """

    path: Path
    checksum: str
    metadata: dict[str, str]
    fingerprint: str = ""
    instruction: str = ""


class Protection(Protocol):
    """One way of protecting the files of a data set."""

    def is_there(self, key: str, path: Path, checksum: str) -> bool:
        """Tell whether this very file is at the key, protected in this way."""

    def body(self, key: str, path: Path, checksum: str, kept: UploadState | None) -> Body:
        """The data to send; ``kept`` is the state of an interrupted upload to the key."""

    def finish(self, key: str, body: Body) -> None:
        """Write or remove the instruction file, after the body was sent."""


@dataclass(frozen=True)
class ServerSide:
    """S3 encrypts with the bucket's key; TLS protects the way there."""

    s3: Any
    bucket: str

    def is_there(self, key: str, path: Path, checksum: str) -> bool:
        head = _head(self.s3, self.bucket, key)
        same = head is not None and head["ContentLength"] == path.stat().st_size
        if not (same and head is not None and head.get("Metadata", {}).get("sha256") == checksum):
            return False
        self._remove_instruction(key)
        return True

    def body(self, key: str, path: Path, checksum: str, kept: UploadState | None) -> Body:
        return Body(path, checksum, {"sha256": checksum})

    def finish(self, key: str, body: Body) -> None:
        self._remove_instruction(key)

    def _remove_instruction(self, key: str) -> None:
        """Remove the file of an earlier encrypted upload: with it a job would decrypt plain data."""
        if _head(self.s3, self.bucket, key + encryption.SUFFIX) is not None:
            self.s3.delete_object(Bucket=self.bucket, Key=key + encryption.SUFFIX)


@dataclass(frozen=True)
class ClientSide:
    """AES-256-GCM on this machine, with a data key for each file.

    Only the KMS key ``key_id`` decrypts the data keys.
    """

    s3: Any
    kms: Any
    bucket: str
    key_id: str
    dataset: str
    uploads: Uploads
    encrypting: Callable[[str], None]
    """Called with the name of the file while it is encrypted."""

    def is_there(self, key: str, path: Path, checksum: str) -> bool:
        head = _head(self.s3, self.bucket, key)
        fingerprint = "" if head is None else head.get("Metadata", {}).get(_FINGERPRINT, "")
        if not fingerprint:
            return False
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=key + encryption.SUFFIX)
            instruction = answer["Body"].read().decode()
            known = encryption.known_key(self.kms, instruction, self._context(path))
        except (KeyError, ValueError):
            return False
        except ClientError as error:
            if is_missing(error) or code(error) in {"InvalidCiphertextException", "AccessDeniedException"}:
                return False  # without the key the files cannot be compared: send it again
            raise
        return hmac.compare_digest(known.fingerprint(checksum), fingerprint)

    def body(self, key: str, path: Path, checksum: str, kept: UploadState | None) -> Body:
        """The ciphertext that an interrupted upload left, or a new one under a new key."""
        target = self.uploads.ciphertext(self.bucket, key)
        if kept is not None and kept.checksum == checksum and kept.instruction and target.is_file():
            body_checksum = sha256(target)
            if body_checksum == kept.body_checksum:
                return self._body(target, body_checksum, kept.fingerprint, kept.instruction)
        about = self._context(path)
        data_key = encryption.DataKey.generate(self.kms, self.key_id, about)
        instruction = encryption.encrypt(path, target, data_key, about, lambda _: self.encrypting(path.name))
        return self._body(target, sha256(target), data_key.fingerprint(checksum), instruction)

    def finish(self, key: str, body: Body) -> None:
        """Write the instruction file last: until then an old one cannot decrypt the new body."""
        self.s3.put_object(
            Bucket=self.bucket,
            Key=key + encryption.SUFFIX,
            Body=body.instruction.encode(),
            ContentType="application/json",
            Metadata={"x-amz-crypto-instr-file": ""},
        )

    def _body(self, target: Path, checksum: str, fingerprint: str, instruction: str) -> Body:
        return Body(target, checksum, {_FINGERPRINT: fingerprint}, fingerprint, instruction)

    def _context(self, path: Path) -> dict[str, str]:
        return encryption.context(self.dataset, path.name)


def _head(s3: Any, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        return s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
