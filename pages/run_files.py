"""The files of a run for pages: JSON objects, and history.json inside output.tar.gz."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import IO, Any

HISTORY = "history.json"
"""The metrics of one run: {"train:loss": [[step, value], ...], ...}."""
RESUMED = "job:resumed"
"""The metric in it with a point at each step from which an interrupted job resumed."""


def history_in(archive: IO[bytes]) -> bytes | None:
    """Return the history.json of an output.tar.gz; None if it is missing.

    Raises tarfile.TarError, OSError or EOFError for a damaged archive. Source: AWS, "How Amazon SageMaker AI
    Processes Training Output".
    """
    with tarfile.open(fileobj=archive, mode="r:gz") as tar:
        for member in tar:
            file = tar.extractfile(member) if Path(member.name).name == HISTORY else None
            if file:
                return file.read()
    return None


def json_object(content: bytes, name: str) -> dict[str, Any]:
    """Return the object of a JSON file. Raises ValueError with a sentence that names the file."""
    try:
        value = json.loads(content)
    except ValueError as error:
        raise ValueError(f"{name} is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise ValueError(f"{name} holds a {type(value).__name__}, not an object.")
    return value
