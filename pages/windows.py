"""Long or uneven curves as means over windows of nearly equal length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

SHOWN_POINTS = 300
Point = tuple[float, float]


def of_means(points: Sequence[Point]) -> list[Point]:
    """A curve of means, each over the steps since the point before it.

    A training loop cuts its last window short, where an epoch or the training ends. The mean of so few steps is noise:
    it goes into its neighbour's, each value weighing as much as it has steps.
    """
    steps = [0.0, *(step for step, _ in points)]
    return _joined(points, [after - before for before, after in pairwise(steps)])


def of_values(points: Sequence[Point]) -> list[Point]:
    """A curve of single values; means of neighbours where there are many."""
    return _joined(points, [1.0] * len(points))


def _joined(points: Sequence[Point], widths: Sequence[float]) -> list[Point]:
    """Means of groups of at least half the usual width, after the first point."""
    if len(points) < 3:
        return list(points)
    least = max(median(widths) / 2, sum(widths) / SHOWN_POINTS)
    first, *rest = zip(points, widths, strict=True)
    groups: list[list[tuple[Point, float]]] = [[first], []]
    for each in rest:
        if _width(groups[-1]) >= least:
            groups.append([])
        groups[-1].append(each)
    if len(groups) > 2 and _width(groups[-1]) < least:
        last = groups.pop()
        groups[-1].extend(last)
    return [(group[-1][0][0], _mean(group)) for group in groups]


def _width(group: Iterable[tuple[Point, float]]) -> float:
    return sum(width for _, width in group)


def _mean(group: Sequence[tuple[Point, float]]) -> float:
    whole = _width(group)
    return sum(value * width for (_, value), width in group) / whole if whole else group[-1][0][1]
