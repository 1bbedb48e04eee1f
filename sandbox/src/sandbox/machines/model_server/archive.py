"""An unpacked model archive: its SavedModels and its code."""

from __future__ import annotations

import logging
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.machines.model_server.settings import Unservable

ROOT_MODEL_NAME = "model"  # in AWS's container the archive lies in /opt/ml/model

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SavedModels:
    """The versions of one model: `folder` holds numbered folders."""

    name: str
    folder: pathlib.Path


def find_models(archive: pathlib.Path) -> list[SavedModels]:
    """The models of folders with a `<digits>/saved_model.pb`, by path. Raises Unservable."""
    files = sorted(archive.rglob("saved_model.pb"))
    folders = sorted({file.parent.parent for file in files if file.parent.name.isdecimal()})
    if not folders:
        raise Unservable(_nothing_found(archive, files))
    return [
        SavedModels(ROOT_MODEL_NAME if folder == archive else folder.name, folder)
        for folder in folders
        if folder.is_relative_to(archive)
    ]


def default_model(models: list[SavedModels], wanted: str | None) -> str:
    """The model for requests without tfs-model-name. Raises Unservable if `wanted` is missing."""
    names = [model.name for model in models]
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise Unservable(f"SAGEMAKER_TFS_DEFAULT_MODEL_NAME is '{wanted}', but the archive holds: {', '.join(names)}")
    return wanted


def versions(folder: pathlib.Path) -> Iterator[tuple[int, pathlib.Path]]:
    """The numbered folders of a model, in numerical order."""
    found = [(int(path.name), path) for path in folder.iterdir() if path.name.isdecimal()]
    yield from sorted(found)


@dataclass(frozen=True)
class Code:
    """The archive's code/.

    The Python service runs if it holds inference.py, requirements.txt or lib/.
    """

    folder: pathlib.Path

    @property
    def is_served_by_python(self) -> bool:
        return any((self.folder / name).exists() for name in ("inference.py", "requirements.txt", "lib"))

    @property
    def script(self) -> pathlib.Path | None:
        script = self.folder / "inference.py"
        return script if script.exists() else None

    def paths(self) -> list[str]:
        """The beginning of the handlers' sys.path. Raises Unservable for packages to install."""
        requirements, library = self.folder / "requirements.txt", self.folder / "lib"
        if library.exists():
            if requirements.exists():
                _logger.warning("loading modules in '%s', ignoring requirements.txt", library)
            return [str(self.folder), str(library)]
        if requirements.exists():
            _logger.info("installing packages from requirements.txt...")
            _logger.error("failed to install required packages, exiting.")
            raise Unservable(
                "code/requirements.txt asks for packages, and a container without internet cannot install them: put "
                "the packages into code/lib, which takes the place of requirements.txt"
            )
        return [str(self.folder)]


def _nothing_found(archive: pathlib.Path, files: list[pathlib.Path]) -> str:
    sentence = "no SavedModel bundles found! TensorFlow Serving wants <name>/<digits>/saved_model.pb or "
    sentence += "<digits>/saved_model.pb in the archive"
    if files:
        places = ", ".join(str(file.relative_to(archive)) for file in files)
        sentence += f"; it holds {places} in a folder that is not a number: put it into one such as 1/"
    return sentence
