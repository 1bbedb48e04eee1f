"""A model's package of training code: its files, and its table of hyperparameters.

The table is read by running the package's settings.py, which needs the standard library only.
"""

from __future__ import annotations

import dataclasses
import runpy
import traceback
from pathlib import Path

from specs import words
from specs.document import Document
from training.common.hyperparameters import Table, refusal, table

__all__ = ["SettingsUnreadable", "Table", "check", "read_hyperparameters", "refusal"]

PACKAGE = ("training", "package")
MODULES = ("prepare.py", "train.py", "evaluate.py", "settings.py")


class SettingsUnreadable(Exception):
    """When a settings.py cannot be run, or declares no table."""


def read_hyperparameters(root: Path, package: str) -> Table:
    """Read the type and range of each hyperparameter from a package of training/. Raises SettingsUnreadable."""
    file = f"training/{package}/settings.py"
    try:
        settings = runpy.run_path(str(root / file)).get("Settings")
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(file)]
        place = f"{file}, line {lines[-1]}" if lines else file
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise SettingsUnreadable(f"{place} cannot be run: {reason}") from None
    if not (isinstance(settings, type) and dataclasses.is_dataclass(settings)):
        raise SettingsUnreadable(f"{file} declares no dataclass Settings")
    try:
        return table(settings)
    except TypeError as error:
        raise SettingsUnreadable(f"{file}: {error}") from None


def check(root: Path, model: Document) -> Table | None:
    """Read the table of a model's package, or note the package's problems and return None."""
    package = model.sound(*PACKAGE)
    if package is None:
        return None
    if not (root / "training" / package).is_dir():
        _refuse_unknown(root, model, package)
        return None
    files = [*(f"training/{package}/{module}" for module in MODULES), f"inference/{package}.py"]
    if lacking := [file for file in files if not (root / file).is_file()]:
        message = f"there is no {words.either(lacking)}"
        model.refuse(PACKAGE, message, allowed=_needed(package), write=f"{lacking[0]} (docs/add-a-model.md)")
        return None
    try:
        return read_hyperparameters(root, package)
    except SettingsUnreadable as error:
        allowed = "a dataclass Settings with the fields integer(…), number(…) or choice(…)"
        write = "a settings.py that imports the standard library and training.common only"
        model.refuse(PACKAGE, words.plain(str(error)), allowed=allowed, write=write)
        return None


def _refuse_unknown(root: Path, model: Document, package: str) -> None:
    known = sorted(path.parent.name for path in (root / "training").glob("*/settings.py"))
    near = words.nearest(package, known)
    allowed = f"{words.either(known)}; or a new folder: {_needed(package)}" if known else _needed(package)
    write = words.quoted(near) if near else f"training/{package}/settings.py and the others (docs/add-a-model.md)"
    model.refuse(PACKAGE, f"there is no folder training/{package}", allowed=allowed, write=write)


def _needed(package: str) -> str:
    return f"training/{package} with {', '.join(MODULES[:-1])} and {MODULES[-1]}, and inference/{package}.py"
