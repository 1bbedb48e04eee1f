"""The search for hyperparameters: the trials' objectives, in order and against each hyperparameter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pages.axis import Axis
from pages.chart import Chart, Series, side_by_side
from pages.markup import Cell, Markup, code, duration, join, missing, note, number, pill, short, table
from pages.page import Section
from training.common.report import reproduce

TITLE = "Search"
Trial = Mapping[str, Any]


def section(execution: Mapping[str, Any]) -> Section | None:
    """The search of an execution, from execution.json; None without a search."""
    search = execution.get("search")
    if not search:
        return None
    trials: Sequence[Trial] = search.get("trials") or []
    best = next((place for place, trial in enumerate(trials) if trial.get("job") == search.get("best")), None)
    varied = list(search.get("ranges") or {})
    if not any(map(_measured, trials)):
        charts = missing("No trial reached a value of the objective.")
    else:
        charts = side_by_side(
            [_in_order(search, trials, best), *(_against(search, trials, best, name) for name in varied)]
        )
    said = join(note(_said(search, trials)), _against_declared(execution))
    return Section(TITLE, join(said, charts, _table(search, trials, varied)))


def _said(search: Mapping[str, Any], trials: Sequence[Trial]) -> str:
    failed = sum(trial.get("status") == "Failed" for trial in trials)
    stopped = sum(trial.get("status") == "Stopped" for trial in trials)
    ends = [f"{count} {word}" for count, word in ((stopped, "stopped early"), (failed, "failed")) if count]
    goal = "highest" if str(search.get("goal", "")).lower() == "maximize" else "lowest"
    return (
        f"{search.get('strategy', '')} search by the job {search.get('job')} for the {goal} {search.get('objective')}: "
        f"{len(trials)} trials{''.join(f', {each}' for each in ends)}. The best one's values trained the model."
    )


def _against_declared(execution: Mapping[str, Any]) -> Markup:
    """Say how to measure whether the search was worth it: a tuning job cannot be told to try given values.

    Source: SageMaker API Reference, "HyperParameterTuningJobConfig", which has ranges and no first point.
    """
    model, environment = execution.get("model") or "MODEL", execution.get("environment") or "ENVIRONMENT"
    name = str(execution.get("execution") or "EXECUTION").rpartition(":")[2]
    sets = " ".join(reproduce.sets(execution.get("overrides") or {}))
    train = f"python -m operations train {environment} {model} {sets}".strip()
    return join(
        note(
            f"Whether this beats the values declared in models/{model}.toml is not measured: no trial had them. Train "
            "with them, and set both models side by side on the same test examples:"
        ),
        reproduce.commands([train, f"python -m operations compare {environment} {model} last {name}"]),
    )


def _measured(trial: Trial) -> bool:
    value = trial.get("objective")
    return isinstance(value, int | float) and math.isfinite(value)


def _in_order(search: Mapping[str, Any], trials: Sequence[Trial], best: int | None) -> Chart:
    """Each trial's objective, and the best so far as a line."""
    points = [(place + 1, trial["objective"]) for place, trial in enumerate(trials) if _measured(trial)]
    choose = max if str(search.get("goal", "")).lower() == "maximize" else min
    so_far = [(x, choose(value for _, value in points[: place + 1])) for place, (x, _) in enumerate(points)]
    marked = next((place for place, (x, _) in enumerate(points) if best is not None and x == best + 1), None)
    return Chart(
        "In their order",
        f"{search.get('objective')} of {len(points)} trials in their order",
        [
            Series("trial", points, "dots", marked, _words(trials)),
            Series("best so far", so_far, "steps"),
        ],
        "trial",
        str(search.get("objective")),
        x_axis=Axis(0.5, len(trials) + 0.5),
    )


def _against(search: Mapping[str, Any], trials: Sequence[Trial], best: int | None, name: str) -> Chart:
    """The objective against one hyperparameter, on the scale of the search."""
    measured = [(place, trial) for place, trial in enumerate(trials) if _measured(trial) and name in _values(trial)]
    values = [str(_values(trial)[name]) for _, trial in measured]
    axis, places = _axis((search.get("ranges") or {}).get(name), values)
    points = [(x, trial["objective"]) for x, (_, trial) in zip(places, measured, strict=True)]
    marked = next((number for number, (place, _) in enumerate(measured) if place == best), None)
    series = Series("trial", points, "dots", marked, _words(trials))
    return Chart(name, f"{search.get('objective')} against {name}", [series], name, str(search.get("objective")), axis)


def _axis(declared: Any, values: Sequence[str]) -> tuple[Axis, list[float]]:
    """A range's axis and the values' positions: categories for listed or non-numeric values."""
    declared = declared if isinstance(declared, Mapping) else {}
    if listed := declared.get("values"):
        words = [str(word) for word in listed]
    else:
        try:
            places = [float(value) for value in values]
            scale = "log" if str(declared.get("scale", "")).lower().startswith("log") else "linear"
            return Axis.over(
                [*places, *(float(declared[end]) for end in ("min", "max") if end in declared)], scale
            ), places
        except ValueError:
            words = sorted(set(values))
    words += [value for value in dict.fromkeys(values) if value not in words]
    return Axis.of_words(words), [float(words.index(value)) for value in values]


def _table(search: Mapping[str, Any], trials: Sequence[Trial], varied: Sequence[str]) -> Markup:
    rows = [_row(trial, varied, trial.get("job") == search.get("best"), place) for place, trial in enumerate(trials, 1)]
    objective = f"{search.get('objective')}#"
    return table("Trials", ("trial#", "job", "status", objective, *(f"{name}#" for name in varied), "seconds#"), rows)


def _row(trial: Trial, varied: Sequence[str], best: bool, place: int) -> list[Cell]:
    status = str(trial.get("status"))
    mark = (
        Markup('<span class="pill good best">best</span>')
        if best
        else pill(status, "bad" if status == "Failed" else "")
    )
    values: list[Cell] = [short(str(_values(trial).get(name, ""))) for name in varied]
    value = number(trial["objective"]) if _measured(trial) else None
    return [str(place), code(trial.get("job")), mark, value, *values, duration(trial.get("seconds"))]


def _values(trial: Trial) -> Mapping[str, Any]:
    return trial.get("hyperparameters") or {}


def _words(trials: Sequence[Trial]) -> list[str]:
    return [f"{trial.get('job')}: {number(trial['objective'])}" for trial in trials if _measured(trial)]
