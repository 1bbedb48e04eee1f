"""Rules about several values, and names that are derived from two files.

Each rule uses values without a problem only (`Document.sound`), so that one problem does not bring others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

from specs import (
    aws,
    compute_rules,
    data_rules,
    image_rules,
    limit_rules,
    names,
    network_rules,
    tuning_rules,
    words,
)
from specs.document import Document, keys
from specs.environment import SANDBOX_ACCOUNT
from specs.folder import Folder
from specs.resolved_document import ResolvedDocument
from specs.words import Path

SANDBOX = ("local", SANDBOX_ACCOUNT, "us-east-1")


def check(models: Folder, environments: Folder, overridden: Sequence[ResolvedDocument]) -> None:
    """Check all combinations in the documents."""
    for document in (*models.documents, *environments.documents):
        _file_name(document)
    for environment in environments.documents:
        _sandbox(environment)
        _zones(environment)
        _versions(environment, models.names)
    for model in models.documents:
        tuning_rules.check(model)
        _judge(model, models.names)
        _overridden_environments(model, environments.names)
    limit_rules.check(models.documents, environments.documents, overridden)
    compute_rules.check(models.documents, environments.documents, overridden)
    data_rules.check(models.documents, environments.documents)
    image_rules.check(environments.documents, overridden)
    network_rules.check(environments.documents)
    _derived_names(models.documents, environments.documents)


def _file_name(document: Document) -> None:
    name = document.sound("name")
    if name is not None and name != document.stem:
        folder = document.file.split("/")[0]
        write = f"name = {words.quoted(document.stem)}, or rename the file to {folder}/{name}.toml"
        document.refuse(("name",), "the name is not the file's", allowed=words.quoted(document.stem), write=write)


def _sandbox(environment: Document) -> None:
    """The environment `local`, and no other, is the sandbox."""
    name, account, region = SANDBOX
    if environment.stem == name:
        for key, value in (("account", account), ("region", region)):
            if environment.sound(key) not in (None, value):
                message = f"the environment {name} is the sandbox, which has another {key}"
                environment.refuse((key,), message, allowed=words.quoted(value), write=words.quoted(value))
    elif environment.sound("account") == account:
        message = f"this is the sandbox's account, which the environment {name} alone declares"
        environment.refuse(("account",), message, allowed="the twelve digits of an AWS account", write='"123456789012"')


def _zones(environment: Document) -> None:
    region = environment.sound("region")
    for index, zone in enumerate(environment.sound("availability_zones") or ()):
        if region is not None and zone[:-1] != region:
            message = f"the zone is not in the region {region}"
            allowed, write = f"{region} and one letter", words.quoted(region + zone[-1])
            environment.refuse(("availability_zones", index), message, allowed=allowed, write=write)


def _overridden_environments(model: Document, known: Sequence[str]) -> None:
    """A model overrides environments that are declared."""
    for name in keys(model.value(("environment",))):
        if name not in known and model.sound("environment", name) is not None:
            _refuse_unknown(model, ("environment", name), name, known, kind="environment", write="[environment.{}]")


def _judge(model: Document, known: Sequence[str]) -> None:
    """The judge is another model that is declared."""
    path, others = ("evaluation", "judge"), [name for name in known if name != model.stem]
    judge = model.sound(*path)
    if judge == model.stem:
        message, write = "a model cannot judge itself", "another model, or nothing: remove judge"
        model.refuse(path, message, allowed=words.either(others) if others else "nothing", write=write)
    elif judge is not None and judge not in others:
        _refuse_unknown(model, path, judge, others, kind="model", write='judge = "{}"')


def _refuse_unknown(document: Document, path: Path, name: str, known: Sequence[str], *, kind: str, write: str) -> None:
    """Refuse an undeclared name; `write` is the line with {} for the nearest declared one."""
    near = words.nearest(name, known) or next(iter(known), None)
    allowed = words.either(known) if known else f"nothing: there is no other {kind}"
    cure = write.format(near) if near else f"nothing: remove {words.key(str(path[-1]))}"
    document.refuse(path, f"there is no such {kind}", allowed=allowed, write=cure)


def _versions(environment: Document, models: Sequence[str]) -> None:
    """`pinned` belongs to source "pin", `initial` to "registry"; both name models that are declared."""
    source = environment.sound("release", "source")
    for key, owner in (("pinned", "pin"), ("initial", "registry")):
        versions = keys(environment.value(("release", key)))
        if versions and source not in (None, owner):
            message = f"{key} has no meaning with source = {words.quoted(source)}"
            write = f"source = {words.quoted(owner)}, or remove release.{key}"
            environment.refuse(("release", key), message, allowed=f"source = {words.quoted(owner)}", write=write)
            continue
        for name in versions:
            if name not in models:
                _refuse_unknown(environment, ("release", key, name), name, models, kind="model", write="{} = …")


def _derived_names(models: Sequence[Document], environments: Sequence[Document]) -> None:
    """The name of endpoint and model package group is short enough, and used once."""
    longest = aws.largest("EndpointName")
    pairs = [pair for pair in product(environments, models) if pair[0].sound("name") and pair[1].sound("name")]
    for environment, model in pairs:
        name = _derived(environment, model)
        if len(name) > longest:
            message = f"the endpoint's name {name} is {len(name)} characters long"
            allowed = f"{longest} characters for {names.endpoint('{environment}', '{model}')}"
            write = f"a name of at most {longest - len(name) + len(environment.data['name'])} characters"
            environment.refuse(("name",), message, allowed=allowed, write=write)
    for (environment, model), (other, its_model) in combinations(pairs, 2):
        if _place(environment) == _place(other) and (fault := _confused(environment, model, other, its_model)):
            message = f"{other.file} with {its_model.file} and this file with {model.file} {fault}"
            allowed = "names that differ within one account and region"
            environment.refuse(("name",), message, allowed=allowed, write="a name without a hyphen")


def _place(environment: Document) -> tuple[Any, Any]:
    return environment.sound("account"), environment.sound("region")


def _confused(environment: Document, model: Document, other: Document, its_model: Document) -> str:
    """Say how AWS would confuse two pairs in one place; empty if it would not."""
    own, others = ((pair[0].data["name"], pair[1].data["name"]) for pair in ((environment, model), (other, its_model)))
    if names.endpoint(*own) == names.endpoint(*others):
        return "name the same endpoint"
    if names.mark(*own) == names.mark(*others):
        return "have one mark in the names of their jobs, so that each may stop the other's"
    alarms, stack = (f"{names.serving_stack(*each)}-" for each in (own, others))
    if stack.startswith(alarms) or alarms.startswith(stack):
        return "have alarms of which one's release may change the other's"
    return ""


def _derived(environment: Document, model: Document) -> str:
    return names.endpoint(environment.data["name"], model.data["name"])
