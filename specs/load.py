"""The reader of models/ and environments/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from specs import code_rules, container_imports, rules, words
from specs.document import Document
from specs.environment import EnvironmentSpec
from specs.folder import Folder, read_folder
from specs.model import ModelSpec
from specs.problems import Problem, SpecError
from specs.resolved_document import overridden
from specs.shapes import build


class Specs(BaseModel):
    """All declared models and environments, each sorted by name."""

    model_config = ConfigDict(frozen=True)

    models: tuple[ModelSpec, ...]
    environments: tuple[EnvironmentSpec, ...]

    def environment(self, name: str) -> EnvironmentSpec:
        """Find an environment. Raises SpecError with the declared names."""
        for environment in self.environments:
            if environment.name == name:
                return environment
        names = [environment.name for environment in self.environments]
        near = words.nearest(name, names) or names[0]
        received, allowed = words.quoted(name), words.either(names)
        message = f"there is no environment {received}"
        raise SpecError([Problem(file="environments", message=message, received=received, allowed=allowed, write=near)])


def load(root: Path) -> Specs:
    """Read root/models/*.toml and root/environments/*.toml. Raises SpecError with every problem of every file."""
    models, environments = read_folder(root, "models"), read_folder(root, "environments")
    model_specs = [build(document, ModelSpec) for document in models.documents]
    environment_specs = [_environment(document) for document in environments.documents]
    _check(root, models, environments)
    imports = container_imports.problems(root, map(code_rules.package_of, models.documents))
    if problems := [*_empty_folders(models, environments), *models.problems, *environments.problems, *imports]:
        raise SpecError(problems)
    return Specs(
        models=tuple(sorted((model for model in model_specs if model), key=lambda model: model.name)),
        environments=tuple(sorted((each for each in environment_specs if each), key=lambda each: each.name)),
    )


def _environment(document: Document) -> EnvironmentSpec | None:
    spec = build(document, EnvironmentSpec)
    return spec.declared_at(document.where(("account",))) if spec else None


def _check(root: Path, models: Folder, environments: Folder) -> None:
    """Check values against the models' code, and in combination: a value that the code refuses is no other's cause."""
    for model in models.documents:
        code_rules.check(root, model)
    overrides = overridden(models.documents, environments.documents)
    for document in overrides:
        build(document, EnvironmentSpec)
    rules.check(models, environments, overrides)


def _empty_folders(models: Folder, environments: Folder) -> Iterator[Problem]:
    """The problems of folders without a file."""
    if not environments.names:
        yield _no_file("environments", "there is nowhere to deploy to", "one file for each environment", "dev")
    if not models.names:
        yield _no_file("models", "there is nothing to train or serve", "one file for each model", "digits-cnn")


def _no_file(folder: str, message: str, allowed: str, name: str) -> Problem:
    return Problem(
        file=folder,
        message=f"{message}: no *.toml in this folder",
        received="nothing",
        allowed=allowed,
        write=f"{folder}/{name}.toml",
    )
