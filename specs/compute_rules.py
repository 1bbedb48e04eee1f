"""Rules about compute: the ladder of candidates, spot, autoscaling and canary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from specs import aws
from specs.document import Document, tables
from specs.resolved_document import ResolvedDocument

CANDIDATES = ("training", "candidates")


def check(models: Sequence[Document], environments: Sequence[Document], overridden: Sequence[ResolvedDocument]) -> None:
    """Check each environment, then each override of one."""
    for environment in environments:
        others = [each.model for each in overridden if each.environment is environment and each.declares_candidates]
        _compute(environment, [model for model in models if model not in others])
    for document in overridden:
        _compute(document, [document.model])
    for model in models:
        own = {each.environment.file: each for each in overridden if each.model is model}
        _spot_needs_checkpoints(model, [own.get(each.file, each) for each in environments])


def _compute(environment: Document, models: Sequence[Document]) -> None:
    _candidates(environment, models)
    _repeated_candidates(environment)
    _autoscaling(environment)
    _canary_instances(environment)
    _canary_size(environment)


def _candidates(environment: Document, models: Sequence[Document]) -> None:
    """Require MaxWaitTime, at least the run time, for spot only ("Managed Spot Training")."""
    longest, name = max(((_run_seconds(model), model.stem) for model in models), default=(0, ""))
    for index, candidate in enumerate(tables(environment.value(CANDIDATES))):
        path = (*CANDIDATES, index, "max_wait_seconds")
        wait = environment.sound(*path)
        purchase = environment.sound(*CANDIDATES, index, "purchase")
        least = (
            f"at least {longest}, the max_runtime_seconds of models/{name}.toml" if longest else "the run time or more"
        )
        write = f"max_wait_seconds = {min(max(2 * longest, 3600), aws.LONGEST_RUN_SECONDS)}"
        if purchase == "on-demand" and wait is not None:
            message = "on-demand candidates do not wait for spot capacity"
            environment.refuse(path, message, allowed='nothing, or purchase = "spot"', write="nothing: remove this key")
        elif purchase == "spot" and "max_wait_seconds" not in candidate:
            environment.refuse(path, "a spot candidate needs a time to wait", allowed=least, write=write)
        elif purchase == "spot" and wait is not None and wait < longest:
            environment.refuse(path, "the wait includes the run, and is shorter", allowed=least, write=write)


def _run_seconds(model: Document) -> int:
    return model.sound("training", "max_runtime_seconds") or 0


def _repeated_candidates(environment: Document) -> None:
    """Refuse repeated candidates, which would lack capacity again."""
    seen: dict[tuple[Any, ...], int] = {}
    for index, candidate in enumerate(tables(environment.value(CANDIDATES))):
        path = (*CANDIDATES, index)
        parts = (environment.sound(*path, "instance_type"), environment.sound(*path, "purchase"))
        count = environment.sound(*path, "instance_count") if "instance_count" in candidate else 1
        if None in (*parts, count):
            continue
        first = seen.setdefault((*parts, count), index)
        if first != index:
            message = f"training.candidates[{first}] is the same: its capacity is asked for twice"
            allowed = "candidates that differ in instance_type, instance_count or purchase"
            environment.refuse(path, message, allowed=allowed, write="nothing: remove this candidate")


def _spot_needs_checkpoints(model: Document, environments: Sequence[Document]) -> None:
    """Without checkpoints a job that spot interrupts starts from nothing."""
    if model.sound("training", "checkpoints") is not False:
        return
    ladders = [environment.where(CANDIDATES) for environment in environments if _uses_spot(environment)]
    if ladders:
        message = f"training on spot starts from nothing after an interruption (spot candidates: {'; '.join(ladders)})"
        allowed = 'true, or purchase = "on-demand" everywhere'
        model.refuse(("training", "checkpoints"), message, allowed=allowed, write="checkpoints = true")


def _uses_spot(environment: Document) -> bool:
    count = len(tables(environment.value(CANDIDATES)))
    return any(environment.sound(*CANDIDATES, index, "purchase") == "spot" for index in range(count))


def _autoscaling(environment: Document) -> None:
    """Autoscaling starts from `instance_count`."""
    fewest, most = ("serving", "instance_count"), ("serving", "autoscaling", "max_instances")
    count, limit = environment.sound(*fewest), environment.sound(*most)
    if count is None or limit is None or limit >= count:
        return
    message = f"autoscaling has at most {limit} instances, fewer than serving.instance_count, which is {count}"
    path = environment.first_overridden(most, fewest)
    environment.refuse(
        path, message, allowed="max_instances of instance_count or more", write=f"max_instances = {count}"
    )


def _canary_instances(environment: Document) -> None:
    """A canary needs two instances ("Use canary traffic shifting")."""
    instances, canary = ("serving", "instance_count"), ("serving", "canary")
    count = environment.sound(*instances)
    if count is None or count >= 2 or not isinstance(environment.value(canary), dict):
        return
    message = "a canary takes part of the instances, and one cannot be parted"
    path = environment.first_overridden(instances, canary)
    environment.refuse(
        path, message, allowed="2 instances or more with a canary", write="instance_count = 2, or no canary"
    )


def _canary_size(environment: Document) -> None:
    """Require a canary of at least one instance of `instance_count` ("CapacitySize", percent)."""
    instances, size = ("serving", "instance_count"), ("serving", "canary", "percent")
    count, percent = environment.sound(*instances), environment.sound(*size)
    if count is None or percent is None or count < 2 or count * percent >= 100:
        return
    least = -(-100 // count)
    message = f"{percent} percent of {count} instances is less than one"
    path = environment.first_overridden(size, instances)
    environment.refuse(
        path,
        message,
        allowed=f"{least} to 50 percent with {count} instances" if least < 50 else "50 percent with 2 instances",
        write=f"percent = {least}",
    )
