"""Rules about metrics: the code writes them, and the gate's numbers lie in their range."""

from __future__ import annotations

from specs import words
from specs.document import Document
from specs.tuning_rules import TUNING
from specs.words import Path
from training.common.algorithm import Algorithm, Metric

METRICS = ("training", "metrics")
METRIC, GOAL, THRESHOLD, TOLERANCE = (("evaluation", name) for name in ("metric", "goal", "threshold", "tolerance"))
DEFAULT_GOAL = "maximize"
PERCENT = 100
UNKNOWN = "the training job emits no such metric"


def check(model: Document, algorithm: Algorithm) -> None:
    """Check the training's metrics, the search's objective, and the gate."""
    emitted = algorithm.training_metrics
    for index, name in enumerate(model.sound(*METRICS) or ()):
        _known(model, (*METRICS, index), name, tuple(emitted), UNKNOWN)
    objective = model.sound(*TUNING, "objective")
    if objective is not None:
        meant = _known(model, (*TUNING, "objective"), objective, tuple(emitted), UNKNOWN)
        if meant:
            _goal(model, (*TUNING, "goal"), meant, emitted[meant])
    _gate(model, algorithm)


def _gate(model: Document, algorithm: Algorithm) -> None:
    """Check metric, goal and numbers; a misspelt metric stands for the one that it resembles."""
    written, metric = algorithm.evaluation_metrics, model.sound(*METRIC)
    if metric is None:
        return
    meant = _known(model, METRIC, metric, tuple(written), "the evaluation job writes no such metric")
    if meant is None:
        return
    row = written[meant]
    _goal(model, GOAL, meant, row)
    threshold, tolerance = model.sound(*THRESHOLD), model.sound(*TOLERANCE)
    if threshold is not None and not row.holds(threshold):
        message = f"{meant} is never {words.toml(threshold)}"
        model.refuse(THRESHOLD, message, allowed=row.allowed, write=_inside(row, threshold))
    span = row.high - row.low
    if tolerance is not None and tolerance > span:
        message = f"two values of {meant} are never so far apart: no champion would matter"
        cure = _inside(Metric(low=0, high=span), tolerance)
        model.refuse(TOLERANCE, message, allowed=f"0 to {span:g}", write=cure)


def _known(model: Document, path: Path, name: str, known: tuple[str, ...], message: str) -> str | None:
    """Refuse a metric that the code does not have; returns the one that was meant."""
    if name in known:
        return name
    near = words.nearest(name, known)
    listed = words.either(map(words.quoted, known)) if known else "nothing: the code has no metrics"
    write = words.quoted(near or known[0]) if known else "nothing: remove it"
    model.refuse(path, message, allowed=listed, write=write)
    return near


def _goal(model: Document, path: Path, metric: str, row: Metric) -> None:
    """The declared direction is the metric's own, where it has one."""
    goal = model.value(path) or DEFAULT_GOAL
    refused = model.has_refused(path) or not isinstance(goal, str)
    if row.goal is not None and goal != row.goal and not refused:
        better = "less" if row.goal == "minimize" else "more"
        write = f"goal = {words.quoted(row.goal)}"
        model.refuse(path, f"{better} of {metric} is better", allowed=words.quoted(row.goal), write=write)


def _inside(row: Metric, value: float) -> str:
    """The value that was probably meant: a percentage as a share, or else the nearest one."""
    if row.high == 1 < value <= PERCENT:
        return words.toml(value / PERCENT)
    return words.toml(min(max(value, row.low), row.high))
