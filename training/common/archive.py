"""A training job's model.tar.gz, unpacked."""

from __future__ import annotations

import tarfile
from pathlib import Path

from training.common.errors import JobError


def unpack_model(archive: Path, folder: Path) -> Path:
    """Unpack the archive and return its SavedModel with the highest version. Raises JobError."""
    if not archive.is_file():
        raise JobError(f"The job's input holds no {archive.name}.")
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise JobError(f"{archive.name} cannot be unpacked: {error}.") from error
    versions = [path.parent for path in folder.glob("*/saved_model.pb") if path.parent.name.isdigit()]
    if not versions:
        raise JobError(f"{archive.name} holds no <version>/saved_model.pb.")
    return max(versions, key=lambda path: int(path.name))
