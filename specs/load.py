"""Reads models/ and environments/ into one frozen object, or raises every fault of every file at once."""

from __future__ import annotations

import pathlib

from pydantic import BaseModel, ConfigDict

from specs import hyperparameter_rules, rules, training_code, words
from specs.document import Document, read
from specs.environment import EnvironmentSpec
from specs.faults import Fault, SpecFaults
from specs.model import ModelSpec
from specs.resolved_document import overridden
from specs.shapes import build


class Specs(BaseModel):
    """Everything that is declared, each sorted by name."""

    model_config = ConfigDict(frozen=True)

    models: tuple[ModelSpec, ...]
    environments: tuple[EnvironmentSpec, ...]

    def environment(self, name: str) -> EnvironmentSpec:
        """The environment of that name. Raises SpecFaults with the names there are."""
        for environment in self.environments:
            if environment.name == name:
                return environment
        names = [environment.name for environment in self.environments]
        near = words.nearest(name, names) or names[0]
        problem = f"there is no environment {words.quoted(name)}"
        raise SpecFaults([Fault("environments", "", None, problem, words.quoted(name), words.either(names), near)])


def load(root: pathlib.Path) -> Specs:
    """What root/models/*.toml and root/environments/*.toml declare. Raises SpecFaults with all faults of all files."""
    models, unread_models = _read(root, "models")
    environments, unread_environments = _read(root, "environments")
    built_models = [build(document, ModelSpec) for document in models]
    built_environments = [build(document, EnvironmentSpec) for document in environments]
    resolved = overridden(environments, models)
    for document in resolved:
        build(document, EnvironmentSpec)
    names = rules.Names(models=_names(root, "models"), environments=_names(root, "environments"))
    rules.check(models, environments, resolved, names)
    for model in models:
        if (table := training_code.check(root, model)) is not None:
            hyperparameter_rules.check(model, table)
    faults = [*unread_models, *unread_environments, *_faults(models), *_faults(environments)]
    if not environments and not unread_environments:
        faults.append(_no_environment())
    if not models and not unread_models:
        faults.append(_no_model())
    if faults:
        raise SpecFaults(faults)
    located = [
        _located(spec, document) for spec, document in zip(built_environments, environments, strict=True) if spec
    ]
    return Specs(
        models=tuple(sorted((model for model in built_models if model), key=lambda model: model.name)),
        environments=tuple(sorted(located, key=lambda environment: environment.name)),
    )


def _names(root: pathlib.Path, folder: str) -> list[str]:
    return sorted(words.plain(path.stem) for path in (root / folder).glob("*.toml"))


def _read(root: pathlib.Path, folder: str) -> tuple[list[Document], list[Fault]]:
    """The documents of a folder, and a fault for each file that is none."""
    documents, faults = [], []
    for path in sorted((root / folder).glob("*.toml")):
        document = read(path, f"{folder}/{words.plain(path.name)}")
        if isinstance(document, Document):
            documents.append(document)
        else:
            faults.append(document)
    return documents, faults


def _faults(documents: list[Document]) -> list[Fault]:
    return [fault for document in documents for fault in document.faults]


def _located(spec: EnvironmentSpec, document: Document) -> EnvironmentSpec:
    return spec.declared_at(f"{document.file}, line {document.line(('account',))}")


def _no_environment() -> Fault:
    problem = "there is nowhere to deploy to: no *.toml in this folder"
    return Fault("environments", "", None, problem, "nothing", "one file for each environment", "environments/dev.toml")


def _no_model() -> Fault:
    problem = "there is nothing to train or serve: no *.toml in this folder"
    return Fault("models", "", None, problem, "nothing", "one file for each model", "models/digits-cnn.toml")
