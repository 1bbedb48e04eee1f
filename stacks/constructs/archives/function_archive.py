"""The code of a function, as one byte-stable zip."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from aws_cdk import aws_lambda as functions

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can hold


def function_code(root: Path, package: str) -> functions.Code:
    """A package of ours below its own name, for a handler such as `tracking.handler.handler`."""
    archive = root / "build" / "code" / f"{package}.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(pack(root, package))
    return functions.Code.from_asset(str(archive))


def pack(root: Path, package: str) -> bytes:
    """The archive's bytes: sorted, dated 1980, and stored uncompressed (compression depends on the machine's zlib)."""
    files = sorted((root / package).rglob("*.py"))
    if not files:
        raise FileNotFoundError(f"{root / package} holds no code: the function {package!r} is shipped from there")
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return raw.getvalue()
