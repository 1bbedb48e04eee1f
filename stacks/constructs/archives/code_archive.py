"""The code that jobs run, as one byte-stable archive a model."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from aws_cdk import aws_s3_assets as assets
from constructs import Construct

PROGRAM = "train.py"
_PROGRAM = """\
'''Starts the training where SageMaker runs a file: a tuning job can name no module.'''

from training.common.job import run

run("training.{package}.train")
"""

IGNORED = frozenset({"__pycache__", "tests"})


class CodeArchive(assets.Asset):
    """`training/common`, `pages`, the model's own package and its inference code, as a tar.gz *file* asset.

    At its top lies `train.py`, for the images' script mode.

    A directory asset would be a zip, which no container unpacks by itself. Only its contents decide the archive's
    bytes, so a model is not deployed again unless its code changed.
    """

    def __init__(self, scope: Construct, id_: str, *, root: Path, package: str) -> None:
        archive = root / "build" / "code" / f"{package}.tar.gz"
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.write_bytes(pack(root, package))
        super().__init__(scope, id_, path=str(archive))


def pack(root: Path, package: str) -> bytes:
    """The archive's bytes: sorted, without owner, dated 1970, and stored uncompressed.

    Compression would make the bytes depend on the machine's zlib.
    """
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in _files(root, package):
            _add(tar, path.relative_to(root).as_posix(), path.read_bytes())
        _add(tar, PROGRAM, _PROGRAM.format(package=package).encode())
    return gzip.compress(raw.getvalue(), compresslevel=0, mtime=0)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    tar.addfile(entry, io.BytesIO(content))


def _files(root: Path, package: str) -> Iterator[Path]:
    """The code that jobs run and put into the model's archive: nothing of another model."""
    folders = [root / "pages", root / "training" / "common", root / "training" / package]
    modules = [root / "inference" / f"{package}.py", root / "inference" / "serving.py"]
    for path in (*folders, *modules):
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist: the code of package {package!r} is shipped from there")
    yield root / "training" / "__init__.py"
    yield from modules
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and not _ignored(path.relative_to(root)))


def _ignored(path: Path) -> bool:
    return any(part in IGNORED or part.startswith(".") for part in path.parts)
