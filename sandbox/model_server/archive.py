"""An unpacked model archive: where its SavedModels are, and its code."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.model_server.settings import Unservable

ROOT_MODEL_NAME = "model"  # in AWS's container the archive lies in /opt/ml/model


@dataclass(frozen=True)
class SavedModels:
    """The versions of one model: `folder` holds numbered folders."""

    name: str
    folder: pathlib.Path


def find_models(archive: pathlib.Path) -> list[SavedModels]:
    """Every folder with a `<digits>/saved_model.pb`, by path; its name is the folder's own. Raises Unservable."""
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
    """The model that requests without tfs-model-name go to. Raises Unservable if the wanted one is not there."""
    names = [model.name for model in models]
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise Unservable(f"SAGEMAKER_TFS_DEFAULT_MODEL_NAME is '{wanted}', but the archive holds: {', '.join(names)}")
    return wanted


def versions(folder: pathlib.Path) -> Iterator[tuple[int, pathlib.Path]]:
    """The numbered folders of a model, in the order of their numbers."""
    found = [(int(path.name), path) for path in folder.iterdir() if path.name.isdecimal()]
    yield from sorted(found)


def code_paths(archive: pathlib.Path) -> list[str]:
    """What the handlers' sys.path begins with: code/ and, where there is one, code/lib.

    Raises Unservable for an archive that AWS's container would serve in another way, or try to install packages for.
    """
    code = archive / "code"
    library = code / "lib"
    if (code / "requirements.txt").exists() and not library.exists():
        raise Unservable(
            "code/requirements.txt asks for packages, and a container without internet cannot install them: put the "
            "packages into code/lib and leave requirements.txt out"
        )
    if not (code / "inference.py").exists():
        raise Unservable(
            "the archive has no code/inference.py. The sandbox serves archives with handlers only: add "
            "code/inference.py with handler(data, context), or with input_handler(data, context) and "
            "output_handler(response, context)"
        )
    return [str(code), *([str(library)] if library.exists() else [])]


def _nothing_found(archive: pathlib.Path, files: list[pathlib.Path]) -> str:
    sentence = "no SavedModel bundles found! TensorFlow Serving wants <name>/<digits>/saved_model.pb or "
    sentence += "<digits>/saved_model.pb in the archive"
    if files:
        places = ", ".join(str(file.relative_to(archive)) for file in files)
        sentence += f"; it holds {places}, whose folder is not a number: put it into a folder such as 1/"
    return sentence
