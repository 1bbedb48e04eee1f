"""The arguments that commands share, and the specs that they name."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.errors import BadInput

if TYPE_CHECKING:
    from specs import EnvironmentSpec, ModelSpec, Specs

EnvironmentName = Annotated[
    str, typer.Argument(metavar="ENVIRONMENT", help="A file of environments/: local, dev, prod.")
]
ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="A file of models/, such as digits-cnn.")]
VersionNumber = Annotated[int | None, typer.Argument(metavar="VERSION", help="A model package's version.", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="Write pure JSON to standard output, for programs.")]
Reason = Annotated[str, typer.Option("--reason", help="Kept with the version as its approval description.")]


def load_specs() -> Specs:
    """The specs of the working directory. Raises ``BadInput`` with all their faults, or where there are none."""
    from specs import SpecFaults, load

    root = Path.cwd()
    if not (root / "environments").is_dir() or not (root / "models").is_dir():
        raise BadInput(
            f"There is no models/ or no environments/ folder in {root}: run this in a checkout of the system."
        )
    try:
        return load(root)
    except SpecFaults as faults:
        raise BadInput(str(faults)) from None


def find_environment(specs: Specs, name: str) -> EnvironmentSpec:
    """The environment of that name. Raises ``BadInput`` with the names there are."""
    found = {environment.name: environment for environment in specs.environments}
    if name not in found:
        raise BadInput(_unknown("environment", name, sorted(found), "environments/"))
    return found[name]


def find_model(specs: Specs, name: str) -> ModelSpec:
    """The model of that name. Raises ``BadInput`` with the names there are."""
    found = {model.name: model for model in specs.models}
    if name not in found:
        raise BadInput(_unknown("model", name, sorted(found), "models/"))
    return found[name]


def _unknown(kind: str, name: str, known: list[str], folder: str) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no {kind} {name!r} in {folder}; there is {', '.join(known) or 'none'}.{hint}"
