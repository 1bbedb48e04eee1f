"""Rules about several values at once: what AWS refuses in combination, and names derived from two files.

Each rule relies on values in which no fault was found (`Document.sound`), so that one fault does not bring others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

from specs import aws, data_rules, names, tuning_rules, words
from specs.document import Document
from specs.environment import SANDBOX_ACCOUNT

SANDBOX = ("local", SANDBOX_ACCOUNT, "us-east-1")


def check(models: Sequence[Document], environments: Sequence[Document], *, all_models_read: bool) -> None:
    """Notes the faults of combinations in the documents. Unread models forbid to say that a model is unknown."""
    for document in (*models, *environments):
        _file_name(document)
    for environment in environments:
        _sandbox(environment)
        _zones(environment)
        _candidates(environment, models)
        _repeated_candidates(environment)
        _versions(environment, models if all_models_read else None)
        _serving(environment)
        _canary_size(environment)
    for model in models:
        _spot_needs_checkpoints(model, environments)
        tuning_rules.check(model)
        if all_models_read:
            _judge(model, [other.stem for other in models])
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


def _candidates(environment: Document, models: Sequence[Document]) -> None:
    """MaxWaitTime is needed on spot, not below the run time, and refused elsewhere ("Managed Spot Training")."""
    longest, name = max(((_run_seconds(model), model.stem) for model in models), default=(0, ""))
    for index, candidate in enumerate(_list(environment, "training", "candidates")):
        path = ("training", "candidates", index, "max_wait_seconds")
        wait = environment.sound(*path)
        purchase = environment.sound(*path[:3], "purchase")
        least = (
            f"at least {longest}, the max_runtime_seconds of models/{name}.toml" if longest else "the run time or more"
        )
        write = f"max_wait_seconds = {min(max(2 * longest, 3600), aws.LONGEST_RUN_SECONDS)}"
        if purchase == "on-demand" and wait is not None:
            problem = "on-demand candidates do not wait for spot capacity"
            environment.refuse(path, problem, allowed='nothing, or purchase = "spot"', write="nothing: remove this key")
        elif purchase == "spot" and "max_wait_seconds" not in candidate:
            environment.refuse(path, "a spot candidate needs a time to wait", allowed=least, write=write)
        elif purchase == "spot" and wait is not None and wait < longest:
            environment.refuse(path, "the wait includes the run, and is shorter", allowed=least, write=write)


def _repeated_candidates(environment: Document) -> None:
    """The ladder goes on where there is no capacity: the same instances, bought the same way, are not there either."""
    seen: dict[tuple[Any, ...], int] = {}
    for index, candidate in enumerate(_list(environment, "training", "candidates")):
        path = ("training", "candidates", index)
        parts = (environment.sound(*path, "instance_type"), environment.sound(*path, "purchase"))
        count = environment.sound(*path, "instance_count") if "instance_count" in candidate else 1
        if None in (*parts, count):
            continue
        first = seen.setdefault((*parts, count), index)
        if first != index:
            problem = f"training.candidates[{first}] is the same: its capacity is asked for twice"
            allowed = "candidates that differ in instance_type, instance_count or purchase"
            environment.refuse(path, problem, allowed=allowed, write="nothing: remove this candidate")


def _run_seconds(model: Document) -> int:
    return model.sound("training", "max_runtime_seconds") or 0


def _spot_needs_checkpoints(model: Document, environments: Sequence[Document]) -> None:
    """Without checkpoints a job that spot interrupts starts from nothing."""
    if model.sound("training", "checkpoints") is not False:
        return
    users = [environment.file for environment in environments if _uses_spot(environment)]
    if users:
        problem = f"training on spot starts from nothing after an interruption ({', '.join(users)} has spot candidates)"
        allowed = 'true, or purchase = "on-demand" everywhere'
        model.refuse(("training", "checkpoints"), problem, allowed=allowed, write="checkpoints = true")


def _judge(model: Document, known: list[str]) -> None:
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


def _uses_spot(environment: Document) -> bool:
    candidates = _list(environment, "training", "candidates")
    return any(
        environment.sound("training", "candidates", index, "purchase") == "spot" for index in range(len(candidates))
    )


def _versions(environment: Document, models: Sequence[Document] | None) -> None:
    """`pinned` belongs to source "pin", `initial` to "registry"; both name models that are declared."""
    source = environment.sound("release", "source")
    for key, owner in (("pinned", "pin"), ("initial", "registry")):
        versions = _table(environment, "release", key)
        if versions and source not in (None, owner):
            problem = f"{key} has no meaning with source = {words.quoted(source)}"
            write = f"source = {words.quoted(owner)}, or remove release.{key}"
            environment.refuse(("release", key), problem, allowed=f"source = {words.quoted(owner)}", write=write)
            continue
        for name in versions if models is not None else ():
            _known_model(environment, key, name, [model.stem for model in models or ()])


def _known_model(environment: Document, key: str, name: str, known: list[str]) -> None:
    if name not in known:
        near = words.nearest(name, known) or next(iter(known), None)
        allowed = words.either(known) if known else "nothing: models/ is empty"
        write = f"{near} = …" if near else f"nothing: remove {words.key(name)}"
        environment.refuse(("release", key, name), "there is no such model", allowed=allowed, write=write)


def _serving(environment: Document) -> None:
    """A canary needs two instances ("Use canary traffic shifting"); autoscaling starts from `instance_count`."""
    count = environment.sound("serving", "instance_count")
    if count is None:
        return
    most = environment.sound("serving", "autoscaling", "max_instances")
    if most is not None and most < count:
        path = ("serving", "autoscaling", "max_instances")
        problem = f"the most instances are fewer than serving.instance_count, which is {count}"
        environment.refuse(path, problem, allowed=f"{count} or more", write=f"max_instances = {count}")
    if count < 2 and isinstance(environment.value(("serving", "canary")), dict):
        problem = "a canary takes part of the instances, and one cannot be parted"
        write = "instance_count = 2, or remove [serving.canary]"
        environment.refuse(("serving", "instance_count"), problem, allowed="2 or more with a canary", write=write)


def _canary_size(environment: Document) -> None:
    """A canary is a part of `instance_count`; less than one instance takes no traffic ("CapacitySize", percent)."""
    count = environment.sound("serving", "instance_count")
    percent = environment.sound("serving", "canary", "percent")
    if count is None or percent is None or count < 2 or count * percent >= 100:
        return
    least = -(-100 // count)
    problem = f"{percent} percent of {count} instances is less than one"
    path = ("serving", "canary", "percent")
    environment.refuse(path, problem, allowed=f"{least} to 50 with {count} instances", write=f"percent = {least}")


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


def _list(document: Document, *path: str) -> list[dict[str, Any]]:
    """The tables of a list, whatever else is wrong with them."""
    value = document.value(path)
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def _table(document: Document, *path: str) -> tuple[str, ...]:
    value = document.value(path)
    return tuple(value) if isinstance(value, dict) else ()
