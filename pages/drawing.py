"""The shapes of a chart as SVG: a frame with ticks, and series of points.

Every chart is drawn 400 units wide, so that its text is readable on a page 400 pixels wide.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from pages.axis import Axis
from pages.markup import Markup, number

WIDTH, HEIGHT = 400, 245
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 22, 38
Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """Points of one series; `best` is the index of one to mark.

    `kind` is "line", "dashed", "steps" (a line that holds each value until the next), "dots" or "bars".

    `said` holds the tooltip of each point, by default its numbers; `intervals` the ends of an upright line at each.
    Points outside the axes are cut off.
    """

    name: str
    points: Sequence[Point]
    kind: str = "line"
    best: int | None = None
    said: Sequence[str] = field(default=())
    intervals: Sequence[tuple[float, float]] = field(default=())


class Drawing:
    """Shapes between two axes."""

    def __init__(self, x: Axis, y: Axis) -> None:
        self._x, self._y = x, y

    def at(self, point: Point) -> Point:
        """The place of a point in the drawing."""
        right, down = self._x.position(point[0]), 1 - self._y.position(point[1])
        return LEFT + right * (WIDTH - LEFT - RIGHT), TOP + down * (HEIGHT - TOP - BOTTOM)

    def frame(self, x: str, y: str) -> str:
        """Grid lines, ticks, and the axes' titles."""
        bottom = HEIGHT - BOTTOM
        parts = [f'<text x="0" y="{TOP - 9}">{escape(y)}{" (log)" if self._y.log else ""}</text>']
        for tick in self._y.ticks():
            height = self.at((self._x.low, tick))[1]
            parts.append(_line(LEFT, height, WIDTH - RIGHT, height, "grid"))
            parts.append(_text(LEFT - 6, height + 4, self._y.label(tick), "end"))
        for tick in self._x.ticks():
            place = self.at((tick, self._y.low))[0]
            parts.append(_line(place, bottom, place, bottom + 4, "axis"))
            parts.append(_text(place, bottom + 17, self._x.label(tick), "middle"))
        parts.append(_line(LEFT, bottom, WIDTH - RIGHT, bottom, "axis"))
        shown = f"{x}{' (log)' if self._x.log else ''}"
        parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 3, shown, "middle"))
        return "".join(parts)

    def mark(self, place: float, word: str) -> str:
        """A vertical line with a word at its top."""
        x = self.at((place, self._y.low))[0]
        return _line(x, TOP, x, HEIGHT - BOTTOM, "mark-line") + _text(x, TOP - 6, word, "middle", "mark-text")

    def diagonal(self) -> str:
        """The line where both values are equal."""
        low, high = max(self._x.low, self._y.low), min(self._x.high, self._y.high)
        return _line(*self.at((low, low)), *self.at((high, high)), "ideal")

    def series(self, series: Series, place: int) -> str:
        """A series in the colour of its place."""
        shown = [(point, said) for point, said in _said(series) if all(map(math.isfinite, point))]
        if series.kind == "bars":
            width = self._bar_width([point[0] for point, _ in shown])
            return f'<g class="c{place}">{"".join(self._bar(point, said, width) for point, said in shown)}</g>'
        path = self._path([point for point, _ in shown], series.kind) if series.kind != "dots" else ""
        inside = [each for each in shown if self._holds(each[0])] if series.kind != "steps" else []
        quiet = "dot quiet" if path and len(shown) > 12 else "dot"
        dots = "".join(self._dot(point, said, quiet) for point, said in inside)
        ranges = zip((x for x, _ in series.points), series.intervals, strict=True) if series.intervals else ()
        whiskers = "".join(_line(*self.at((x, low)), *self.at((x, high)), "whisker") for x, (low, high) in ranges)
        marked = "" if series.best is None else self._best(series.points[series.best])
        return f'<g class="c{place}">{whiskers}{path}{dots}{marked}</g>'

    def _holds(self, point: Point) -> bool:
        return -0.001 <= self._y.position(point[1]) <= 1.001

    def _path(self, points: Sequence[Point], kind: str) -> str:
        places = [self.at(point) for point in points]
        if kind == "steps":
            places = [
                corner for before, after in pairwise(places) for corner in (before, (after[0], before[1]))
            ] + places[-1:]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        return f'<polyline class="line {kind}" points="{drawn}" clip-path="url(#plot)"/>'

    def _dot(self, point: Point, said: str, kind: str) -> str:
        x, y = self.at(point)
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3" data-said="{escape(said)}"/>'

    def _best(self, point: Point) -> str:
        x, y = self.at(point)
        label = _text(x, y - 10, "best", "middle", "marked-text")
        return f'<circle class="dot marked" cx="{x:.1f}" cy="{y:.1f}" r="5.5"/>{label}'

    def _bar_width(self, places: Sequence[float]) -> float:
        """The width that the nearest two bars allow, with a gap."""
        positions = [self._x.position(place) for place in places]
        apart = min((after - before for before, after in pairwise(positions)), default=0.1)
        return max(1.0, apart * (WIDTH - LEFT - RIGHT) * 0.86)

    def _bar(self, point: Point, said: str, width: float) -> str:
        x, y = self.at(point)
        height = max(0.0, HEIGHT - BOTTOM - y)
        box = f'x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        return f'<rect class="bar" {box} rx="1.5" data-said="{escape(said)}"/>'


def clipping() -> Markup:
    """The clipping area of curves, needed once in a page with charts."""
    area = f'x="{LEFT}" y="{TOP - 4}" width="{WIDTH - LEFT - RIGHT + 4}" height="{HEIGHT - TOP - BOTTOM + 5}"'
    return Markup(f'<svg class="hidden" aria-hidden="true"><clipPath id="plot"><rect {area}/></clipPath></svg>')


def _said(series: Series) -> Iterable[tuple[Point, str]]:
    said = series.said or [f"{series.name}: {number(y)} at {number(x)}" for x, y in series.points]
    return zip(series.points, said, strict=True)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, content: str, anchor: str, kind: str = "") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}</text>'
