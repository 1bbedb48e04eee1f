"""Curves of training: one chart for each quantity, with marks where a job resumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pages import windows
from pages.axis import Axis
from pages.chart import Chart, Series, side_by_side
from pages.markup import join, missing, note, number
from pages.page import Section
from pages.run_files import RESUMED
from pages.windows import Point

History = Mapping[str, Sequence[Sequence[float]]]
TITLE = "Curves"
STEEP = 0.15
SAID = "By optimizer step. A dashed vertical line is where a job was interrupted and the next one went on."


def section(history: History, groups: Mapping[str, Sequence[str]] | None = None, why_missing: str = "") -> Section:
    """Charts of a run's history: {"train:loss": [[step, value], ...], ...}.

    `groups` are charts by title with their metrics; by default train:loss and validation:loss share one chart, and so
    on for every metric.
    """
    curves = {name: points for name, points in history.items() if points and name != RESUMED}
    if not curves:
        return Section(TITLE, missing(why_missing or "The training job left no history."))
    marks = resumptions(history)
    charts = [
        chart(title, {name: shown(name, curves[name]) for name in names if name in curves}, marks)
        for title, names in (groups or by_quantity(curves)).items()
    ]
    return Section(TITLE, join(note(SAID if marks else "By optimizer step."), side_by_side(charts)))


def by_quantity(names: Mapping[str, object]) -> dict[str, list[str]]:
    """Metrics that measure the same: {"loss": ["train:loss", "validation:loss"], ...}."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        groups.setdefault(name.partition(":")[2] or name, []).append(name)
    ordered = sorted(groups.items(), key=lambda group: (group[0] != "loss", group[0] != "accuracy"))
    return {_words(quantity if len(found) > 1 else found[0]): found for quantity, found in ordered}


def _words(name: str) -> str:
    return name.replace(":", " ").replace("_", " ")


def resumptions(history: History) -> list[float]:
    """The steps from which interrupted jobs resumed."""
    return [point[0] for point in history.get(RESUMED, ())]


def shown(metric: str, points: Sequence[Sequence[float]]) -> list[Point]:
    """A metric's points as they are drawn. The training loop prints means, and a validation whole values."""
    found = [(point[0], point[1]) for point in points]
    return windows.of_means(found) if metric.startswith("train:") else windows.of_values(found)


def chart(title: str, curves: Mapping[str, Sequence[Point]], resumed: Sequence[float] = ()) -> Chart:
    """One chart of some curves by name, as `shown` returns them."""
    series = [
        Series(short, points, "dashed" if place else "line")
        for place, (short, points) in enumerate(zip(_short(list(curves)), curves.values(), strict=True))
    ]
    ends = ", ".join(f"{name} ends at {number(points[-1][1])}" for name, points in curves.items() if points)
    marks = [(step, "resumed" if place == 0 else "") for place, step in enumerate(resumed)]
    last = [point[0] for points in curves.values() for point in points]
    return Chart(title, f"{title} by step: {ends}", series, "step", "", Axis.steps(last), _height(title, series), marks)


def _short(names: Sequence[str]) -> list[str]:
    """The legend: the distinct parts of names such as train:loss and validation:loss."""
    for part in (0, 2):
        short = [name.partition(":")[part] for name in names]
        if all(short) and len(set(short)) == len(short):
            return [_words(word) for word in short]
    return list(names)


def _height(title: str, series: Sequence[Series]) -> Axis:
    """The vertical axis: logarithmic for losses if useful, else without a steep beginning."""
    points = [point for each in series for point in each.points]
    if "loss" in title:
        return Axis.over((value for _, value in points), "auto")
    begun = max(step for step, _ in points) * STEEP
    whole = Axis.over((value for _, value in points), "linear")
    rest = Axis.over((value for step, value in points if step >= begun), "linear")
    return rest if rest.high - rest.low < (whole.high - whole.low) / 2 else whole
