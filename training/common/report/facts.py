"""Facts of the run beside the model: execution, training history, data.

Each may be missing, because code run by hand has no workflow. The page then says so, and shows the rest.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pages.curves import History
from pages.run_files import HISTORY, history_in, json_object
from training.common.container import Container
from training.common.errors import JobError

EXECUTION, MANIFEST = "execution.json", "manifest.json"
ARCHIVE = "output.tar.gz"
EXPLAINED = {
    EXECUTION: "The training workflow describes its execution there; code that is run by hand has none.",
    HISTORY: "So there are no curves.",
    MANIFEST: "So the data set is not described.",
}


@dataclass(frozen=True)
class Facts:
    """The contents of execution.json, history.json and the data set's manifest.json.

    A missing one is {}; `missing` has a sentence for each, by file name.
    """

    execution: Mapping[str, Any] = field(default_factory=dict)
    history: History = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, container: Container) -> Facts:
        """Read a processing job's inputs `execution`, `training` (output.tar.gz) and `manifest`."""
        found, missing = {}, {}
        readers: tuple[tuple[str, Callable[[Container], dict[str, Any]]], ...] = (
            (EXECUTION, lambda container: _json(container.processing_input("execution") / EXECUTION)),
            (HISTORY, lambda container: _history(container.processing_input("training") / ARCHIVE)),
            (MANIFEST, lambda container: _json(container.processing_input("manifest") / MANIFEST)),
        )
        for name, read in readers:
            try:
                found[name] = read(container)
            except JobError as error:
                missing[name] = f"{error} {EXPLAINED[name]}"
        return cls(found.get(EXECUTION, {}), found.get(HISTORY, {}), found.get(MANIFEST, {}), missing)


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise JobError(f"The job's input holds no {path.name}.")
    return _parsed(path.name, path.read_bytes())


def _history(archive: Path) -> dict[str, Any]:
    """The history in SageMaker's archive of /opt/ml/output/data."""
    if not archive.is_file():
        raise JobError(f"The job's input holds no {archive.name}: the training job left no output data.")
    try:
        with archive.open("rb") as file:
            content = history_in(file)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise JobError(f"{archive.name} cannot be unpacked: {error}.") from error
    if content is None:
        raise JobError(f"{archive.name} holds no {HISTORY}: the training code kept no history.")
    return _parsed(HISTORY, content)


def _parsed(name: str, content: bytes) -> dict[str, Any]:
    try:
        return json_object(content, name)
    except ValueError as error:
        raise JobError(str(error)) from error
