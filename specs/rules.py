"""Rules about several values at once: what AWS refuses in combination, and names derived from two files.

Each rule relies on values in which no fault was found (`Document.sound`), so that one fault does not bring others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from specs import aws, compute_rules, data_rules, limit_rules, names, tuning_rules, words
from specs.document import Document, keys
from specs.environment import SANDBOX_ACCOUNT
from specs.resolved_document import ResolvedDocument

SANDBOX = ("local", SANDBOX_ACCOUNT, "us-east-1")


@dataclass(frozen=True)
class Names:
    """The names of all files, also of those that cannot be read."""

    models: Sequence[str]
    environments: Sequence[str]


def check(
    models: Sequence[Document],
    environments: Sequence[Document],
    overridden: Sequence[ResolvedDocument],
    names: Names,
) -> None:
    """Note the faults of combinations in the documents."""
    for document in (*models, *environments):
        _file_name(document)
    for environment in environments:
        _sandbox(environment)
        _zones(environment)
        _versions(environment, names.models)
    for model in models:
        tuning_rules.check(model)
        _judge(model, names.models)
        _overridden_environments(model, names.environments)
    limit_rules.check(models, environments, overridden)
    compute_rules.check(models, environments, overridden)
    data_rules.check(models, environments)
    _derived_names(models, environments)


def _file_name(document: Document) -> None:
    name = document.sound("name")
    if name is not None and name != document.stem:
        folder = document.file.split("/")[0]
        write = f"name = {words.quoted(document.stem)}, or rename the file to {folder}/{name}.toml"
        document.refuse(("name",), "the name is not the file's", allowed=words.quoted(document.stem), write=write)


def _sandbox(environment: Document) -> None:
    """`local` is the sandbox, and nothing else is."""
    name, account, region = SANDBOX
    if environment.stem == name:
        for key, value in (("account", account), ("region", region)):
            if environment.sound(key) not in (None, value):
                problem = f"the environment {name} is the sandbox, whose {key} is another"
                environment.refuse((key,), problem, allowed=words.quoted(value), write=words.quoted(value))
    elif environment.sound("account") == account:
        problem = f"this is the sandbox's account, which the environment {name} alone declares"
        environment.refuse(("account",), problem, allowed="the twelve digits of an AWS account", write='"123456789012"')


def _zones(environment: Document) -> None:
    region = environment.sound("region")
    for index, zone in enumerate(environment.sound("availability_zones") or ()):
        if region is not None and zone[:-1] != region:
            problem = f"the zone is not in the region {region}"
            allowed, write = f"{region} and one letter", words.quoted(region + zone[-1])
            environment.refuse(("availability_zones", index), problem, allowed=allowed, write=write)


def _overridden_environments(model: Document, known: Sequence[str]) -> None:
    """A model overrides environments that are declared."""
    for name in keys(model.value(("environment",))):
        if name not in known and model.sound("environment", name) is not None:
            near = words.nearest(name, known) or known[0]
            write = f"[environment.{near}]"
            model.refuse(
                ("environment", name), "there is no such environment", allowed=words.either(known), write=write
            )


def _judge(model: Document, known: Sequence[str]) -> None:
    """The judge is another model that is declared."""
    path = ("evaluation", "judge")
    judge = model.sound(*path)
    others = [name for name in known if name != model.stem]
    if judge is None or judge in others:
        return
    problem = "a model cannot judge itself" if judge == model.stem else "there is no such model"
    near = words.nearest(judge, others) or next(iter(others), None)
    allowed = words.either(others) if others else "nothing: there is no other model"
    write = f"judge = {words.quoted(near)}" if near else "nothing: remove judge"
    model.refuse(path, problem, allowed=allowed, write=write)


def _versions(environment: Document, models: Sequence[str]) -> None:
    """`pinned` belongs to source "pin", `initial` to "registry"; both name models that are declared."""
    source = environment.sound("release", "source")
    for key, owner in (("pinned", "pin"), ("initial", "registry")):
        versions = keys(environment.value(("release", key)))
        if versions and source not in (None, owner):
            problem = f"{key} has no meaning with source = {words.quoted(source)}"
            write = f"source = {words.quoted(owner)}, or remove release.{key}"
            environment.refuse(("release", key), problem, allowed=f"source = {words.quoted(owner)}", write=write)
            continue
        for name in versions:
            _known_model(environment, key, name, models)


def _known_model(environment: Document, key: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        near = words.nearest(name, known) or next(iter(known), None)
        allowed = words.either(known) if known else "nothing: models/ is empty"
        write = f"{near} = …" if near else f"nothing: remove {words.key(name)}"
        environment.refuse(("release", key, name), "there is no such model", allowed=allowed, write=write)


def _derived_names(models: Sequence[Document], environments: Sequence[Document]) -> None:
    """The endpoint's name, which is also the model package group's, is not too long and is used once."""
    longest = aws.largest("EndpointName")
    pairs = [pair for pair in product(environments, models) if pair[0].sound("name") and pair[1].sound("name")]
    for environment, model in pairs:
        name = _derived(environment, model)
        if len(name) > longest:
            problem = f"the endpoint's name {name} is {len(name)} characters long"
            allowed = f"{longest} characters for {names.endpoint('{environment}', '{model}')}"
            write = f"a name of at most {longest - len(name) + len(environment.data['name'])} characters"
            environment.refuse(("name",), problem, allowed=allowed, write=write)
    for (environment, model), (other, its_model) in combinations(pairs, 2):
        if _derived(environment, model) == _derived(other, its_model) and _place(environment) == _place(other):
            problem = f"{other.file} with {its_model.file} and this file with {model.file} name the same endpoint"
            allowed = "names that stay apart in one account and region"
            environment.refuse(("name",), problem, allowed=allowed, write="a name without a hyphen")


def _derived(environment: Document, model: Document) -> str:
    return names.endpoint(environment.data["name"], model.data["name"])


def _place(environment: Document) -> tuple[Any, Any]:
    return environment.sound("account"), environment.sound("region")
