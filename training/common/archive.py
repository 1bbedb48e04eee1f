"""The inference code in a training job's model.tar.gz, and the archive unpacked."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any

from training.common.errors import JobError

INFERENCE = Path("inference")
"""Where the code archive holds the handlers, from the folder that a job runs in."""

WITHIN: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""The filter that keeps members within the folder; Debian 12's Python 3.11.2 lacks it (Python, "tarfile", "Supporting
older Python versions")."""


def copy_inference_code(package: str, model: Path) -> None:
    """Copy a package's handler and the shared serving code into the model folder.

    The folder becomes model.tar.gz. The serving container runs code/inference.py, with that folder on its path.
    """
    code = model / "code"
    code.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(INFERENCE / f"{package}.py", code / "inference.py")
    shutil.copyfile(INFERENCE / "serving.py", code / "serving.py")


def unpack_model(archive: Path, folder: Path) -> Path:
    """Unpack the archive and return its SavedModel with the highest version. Raises JobError."""
    if not archive.is_file():
        raise JobError(f"The job's input holds no {archive.name}.")
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(folder, **WITHIN)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise JobError(f"{archive.name} cannot be unpacked: {error}.") from error
    versions = [path.parent for path in folder.glob("*/saved_model.pb") if path.parent.name.isdigit()]
    if not versions:
        raise JobError(f"{archive.name} holds no <version>/saved_model.pb.")
    return max(versions, key=lambda path: int(path.name))
