"""Rules about hyperparameter tuning: objective, numbers of jobs, and ranges."""

from __future__ import annotations

from typing import Any

from specs import aws, words
from specs.document import Document

DECLARED = ("training", "hyperparameters")
TUNING = ("training", "tuning")
ENDS = ("min", "max")
ADDED = 4  # its objective, and three with which the image's script mode starts the code (docs/decisions/0016)


def check(model: Document) -> None:
    """Check [training.tuning] of one model."""
    if not isinstance(model.value(TUNING), dict):
        return
    _objective(model)
    _parallel(model)
    declared = model.value(DECLARED)
    ranges, static = (_tables(model, name) for name in ("ranges", "hyperparameters"))
    if isinstance(declared, dict) and not model.has_refused(DECLARED):
        _room(model, declared)
    for name in ranges:
        _range(model, name)
    for name in sorted(set(static) & set(ranges)):
        message = f"training.tuning.ranges has {words.key(name)}, too: a trial searches it or keeps it"
        path = (*TUNING, "hyperparameters", name)
        model.refuse(path, message, allowed="hyperparameters without a range", write=f"nothing: remove {name}")


def _objective(model: Document) -> None:
    """Require a metric as objective, which a tuning job reads from its trials' logs."""
    metrics, objective = model.sound("training", "metrics"), model.sound(*TUNING, "objective")
    if metrics and objective is not None and objective not in metrics:
        near = words.nearest(objective, metrics) or metrics[-1]
        message = "training.metrics does not list it, so the search cannot read it"
        allowed = f"one of training.metrics: {words.either(map(words.quoted, metrics))}"
        model.refuse((*TUNING, "objective"), message, allowed=allowed, write=words.quoted(near))


def _parallel(model: Document) -> None:
    most, parallel = model.sound(*TUNING, "max_jobs"), model.sound(*TUNING, "max_parallel_jobs")
    if most is not None and parallel is not None and parallel > most:
        message = f"more jobs at once than training.tuning.max_jobs, which is {most}"
        model.refuse((*TUNING, "max_parallel_jobs"), message, allowed=f"1 to {most}", write=str(most))


def _room(model: Document, declared: dict[str, Any]) -> None:
    most = aws.largest("HyperParameters") - ADDED
    if len(declared) > most:
        message = f"there are {len(declared)} hyperparameters, and a tuning job adds {ADDED}"
        allowed = f"at most {most} with [training.tuning] (SageMaker)"
        model.refuse(DECLARED, message, allowed=allowed, write="fewer of them")


def _range(model: Document, name: str) -> None:
    """A range has two ends or a list of values, and at most one problem."""
    path = (*TUNING, "ranges", name)
    found = model.sound(*path)
    if not isinstance(found, dict):
        return
    example = "{ min = 0.001, max = 0.1 }, or { values = [16, 32] }"
    between = [key for key in (*ENDS, "scale") if key in found]
    if "values" in found:
        if between:
            message = f"values have no {words.either(between)}"
            model.refuse(path, message, allowed="min and max, or values", write=example)
    elif missing := [end for end in ENDS if end not in found]:
        message = f"the range has no {words.either(missing)}"
        model.refuse(path, message, allowed="min and max, or values", write=example)
    else:
        _ends(model, path, found)


def _ends(model: Document, path: tuple[str, ...], found: dict[str, Any]) -> None:
    low, high = (found[end] for end in ENDS)
    if low >= high:
        message = f"the range ends at {words.toml(high)}, before it begins"
        model.refuse((*path, "max"), message, allowed=f"more than min, which is {words.toml(low)}", write="max = …")
    elif found.get("scale") == "log" and low <= 0:
        message = "a logarithmic scale has positive numbers only"
        model.refuse((*path, "min"), message, allowed='more than 0, or scale = "linear"', write="0.0001")


def _tables(model: Document, name: str) -> tuple[str, ...]:
    value = model.value((*TUNING, name))
    return tuple(value) if isinstance(value, dict) else ()
