"""The arguments that commands share, and the declared environment and model that they name."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from operations.errors import BadInput
from specs import EnvironmentSpec, ModelSpec, SpecError, Specs, load

EnvironmentName = Annotated[
    str, typer.Argument(metavar="ENVIRONMENT", help="A file of environments/: local, dev, prod.")
]
ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="A file of models/, such as digits-cnn.")]
VersionNumber = Annotated[int | None, typer.Argument(metavar="VERSION", help="A model package's version.", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON to standard output, for programs.")]
Reason = Annotated[str, typer.Option("--reason", help="Kept with the version as its approval description.")]
OutputFile = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="The file to write; default: below build/reports.")
]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Write the page, and do not open it in a browser.")]


def find(environment: str, model: str) -> tuple[EnvironmentSpec, ModelSpec]:
    """Find an environment and a model by their names. Raises ``BadInput`` with the existing names."""
    specs = load_specs()
    return find_environment(specs, environment), find_model(specs, model)


def load_specs() -> Specs:
    """Load the specs of the working directory. Raises ``BadInput`` with all problems, or if there are no specs."""
    root = Path.cwd()
    if not (root / "environments").is_dir() or not (root / "models").is_dir():
        raise BadInput(
            f"There is no models/ or no environments/ folder in {root}: run this in a checkout of the system."
        )
    try:
        return load(root)
    except SpecError as error:
        raise BadInput(str(error)) from None


def find_environment(specs: Specs, name: str) -> EnvironmentSpec:
    """Find an environment by its name. Raises ``BadInput`` with the existing names."""
    found = {environment.name: environment for environment in specs.environments}
    if name not in found:
        raise BadInput(_unknown("environment", name, sorted(found), "environments/"))
    return found[name]


def find_model(specs: Specs, name: str) -> ModelSpec:
    """Find a model by its name. Raises ``BadInput`` with the existing names."""
    found = {model.name: model for model in specs.models}
    if name not in found:
        raise BadInput(_unknown("model", name, sorted(found), "models/"))
    return found[name]


def _unknown(kind: str, name: str, known: list[str], folder: str) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no {kind} {name!r} in {folder}; there is {', '.join(known) or 'none'}.{hint}"
