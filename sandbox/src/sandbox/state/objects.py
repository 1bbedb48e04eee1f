"""The repair of S3's objects on disk, before they are read.

An object is a file with its body and one beside it with its metadata, written one after the other.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

_SIDECAR = ".meta.json"


def settle(folder: Path) -> None:
    """Make each pair consistent after a kill between the two writes.

    The PUT was never answered, and its body stays.
    """
    for path in _files(folder):
        if path.endswith(".tmp"):
            os.unlink(path)
        elif not path.endswith(_SIDECAR) and _interrupted(path):
            _correct(path)


def _files(folder: Path) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(place, name)


def _interrupted(path: str) -> bool:
    try:
        return os.stat(path).st_mtime_ns > os.stat(path + _SIDECAR).st_mtime_ns
    except FileNotFoundError:
        return False  # a new object: its size and ETag are read from the body


def _correct(path: str) -> None:
    body = Path(path).read_bytes()
    found = {"etag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"', "size": len(body), "checksums": {}}
    sidecar = Path(path + _SIDECAR)
    metadata = json.loads(sidecar.read_text())
    metadata |= found
    if metadata.get("versions"):
        metadata["versions"][-1] |= found
    draft = Path(path + _SIDECAR + ".tmp")
    draft.write_text(json.dumps(metadata))
    os.replace(draft, sidecar)
