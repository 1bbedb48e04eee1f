"""The checksum of a file, in the form in which Amazon S3 shows it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path


def checksum_sha256(path: Path) -> str:
    """The SHA-256 of a file in Base64, S3's `ChecksumSHA256` of a whole object."""
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha256").digest()).decode()
