"""Rules about metrics: the code writes them, and the gate's numbers lie in their range."""

from __future__ import annotations

from specs import words
from specs.document import Document, tables
from specs.tuning_rules import TUNING
from specs.words import Path
from training.common.algorithm import Algorithm, Metric

METRICS = ("training", "metrics")
EVALUATION = ("evaluation",)
ALSO, TOLERANCE = (*EVALUATION, "also"), (*EVALUATION, "tolerance")
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
    """Check the deciding metric with its tolerance, and the further ones."""
    deciding = _limit(model, EVALUATION, algorithm)
    if deciding:
        _tolerance(model, deciding, algorithm.evaluation_metrics[deciding])
    limited = {deciding}
    for index in range(len(tables(model.value(ALSO)))):
        table = (*ALSO, index)
        metric = model.sound(*table, "metric")
        if metric is not None and metric in limited:
            message, write = f"{metric} has a threshold already", "nothing: remove this table"
            model.refuse((*table, "metric"), message, allowed="each metric once", write=write)
        else:
            limited.add(_limit(model, table, algorithm))


def _limit(model: Document, path: Path, algorithm: Algorithm) -> str | None:
    """Check metric, goal and threshold of one table; returns the metric that was meant.

    A misspelt metric stands for the one that it resembles.
    """
    metric, goal, threshold = ((*path, name) for name in ("metric", "goal", "threshold"))
    written, name, value = algorithm.evaluation_metrics, model.sound(*metric), model.sound(*threshold)
    if name is None:
        return None
    meant = _known(model, metric, name, tuple(written), "the evaluation job writes no such metric")
    if meant is None:
        return None
    row = written[meant]
    _goal(model, goal, meant, row)
    if value is not None and not row.holds(value):
        message = f"{meant} is never {words.toml(value)}"
        model.refuse(threshold, message, allowed=row.allowed, write=_inside(row, value))
    return meant


def _tolerance(model: Document, metric: str, row: Metric) -> None:
    tolerance, span = model.sound(*TOLERANCE), row.high - row.low
    if tolerance is not None and tolerance > span:
        message = f"two values of {metric} are never so far apart: no champion would matter"
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
