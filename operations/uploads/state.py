"""The state of an upload, from which the same command goes on after an interruption.

A small JSON file, and of an encrypted upload the ciphertext, below `.cache/uploads/` of the checkout. They hold no
secret: the data key is in them as KMS encrypted it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(".cache") / "uploads"


@dataclass(frozen=True)
class UploadState:
    """An upload of one file to one object.

    ``checksum`` is the file's SHA-256, ``body_checksum`` that of the data that are sent; ``instruction`` is the content
    of the instruction file, empty if S3 encrypts.
    """

    bucket: str
    key: str
    checksum: str
    body_checksum: str
    part_size: int
    upload_id: str
    fingerprint: str
    instruction: str


class Uploads:
    """The folder of states."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, bucket: str, key: str) -> UploadState | None:
        """The state of an upload to this object; None without a readable file."""
        try:
            return UploadState(**json.loads(self._path(bucket, key, ".json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def remember(self, state: UploadState) -> None:
        """Write the state in one step: an interruption may come at any time."""
        path = self._path(state.bucket, state.key, ".json")
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(state), indent=2) + "\n", encoding="utf-8")
        new.replace(path)

    def forget(self, bucket: str, key: str) -> None:
        """Remove state and ciphertext."""
        for suffix in (".json", ".ciphertext"):
            self._path(bucket, key, suffix).unlink(missing_ok=True)

    def ciphertext(self, bucket: str, key: str) -> Path:
        """The path of the encrypted file until all of it is sent."""
        return self._path(bucket, key, ".ciphertext")

    def _path(self, bucket: str, key: str, suffix: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder / (hashlib.sha256(f"{bucket}/{key}".encode()).hexdigest()[:32] + suffix)
