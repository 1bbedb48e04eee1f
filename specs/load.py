"""Read models/ and environments/ into one frozen object, or raise every problem of every file at once."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from specs import hyperparameter_rules, rules, training_code, words
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
        """The environment of that name. Raises SpecError with the names there are."""
        for environment in self.environments:
            if environment.name == name:
                return environment
        names = [environment.name for environment in self.environments]
        near = words.nearest(name, names) or names[0]
        message = f"there is no environment {words.quoted(name)}"
        raise SpecError([Problem("environments", "", None, message, words.quoted(name), words.either(names), near)])


def load(root: Path) -> Specs:
    """Read root/models/*.toml and root/environments/*.toml. Raises SpecError with all problems of all files."""
    models, environments = read_folder(root, "models"), read_folder(root, "environments")
    model_specs = [build(document, ModelSpec) for document in models.documents]
    environment_specs = [_environment(document) for document in environments.documents]
    _check(root, models, environments)
    if problems := [*_files(models, environments), *models.problems, *environments.problems]:
        raise SpecError(problems)
    return Specs(
        models=tuple(sorted((model for model in model_specs if model), key=lambda model: model.name)),
        environments=tuple(sorted((each for each in environment_specs if each), key=lambda each: each.name)),
    )


def _environment(document: Document) -> EnvironmentSpec | None:
    spec = build(document, EnvironmentSpec)
    return spec.declared_at(document.where(("account",))) if spec else None


def _check(root: Path, models: Folder, environments: Folder) -> None:
    """Note the problems of values in combination, and with the training code."""
    overrides = overridden(models.documents, environments.documents)
    for document in overrides:
        build(document, EnvironmentSpec)
    rules.check(models, environments, overrides)
    for model in models.documents:
        if (table := training_code.check(root, model)) is not None:
            hyperparameter_rules.check(model, table)


def _files(models: Folder, environments: Folder) -> list[Problem]:
    """The problems of folders that hold no file."""
    problems = []
    if not environments.names:
        message, write = "there is nowhere to deploy to: no *.toml in this folder", "environments/dev.toml"
        problems.append(Problem("environments", "", None, message, "nothing", "one file for each environment", write))
    if not models.names:
        message, write = "there is nothing to train or serve: no *.toml in this folder", "models/digits-cnn.toml"
        problems.append(Problem("models", "", None, message, "nothing", "one file for each model", write))
    return problems
