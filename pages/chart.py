"""Charts as SVG inside the page: text stays text, and colours follow the page's, light or dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from pages.axis import Axis
from pages.drawing import HEIGHT, WIDTH, Drawing, Series
from pages.markup import Markup


@dataclass(frozen=True)
class Chart:
    """A chart: title, alternative text, axes, and series.

    `marks` are vertical lines with a word; `ideal` draws the diagonal.
    """

    title: str
    alt: str
    series: Sequence[Series]
    x: str
    y: str
    x_axis: Axis | None = None
    y_axis: Axis | None = None
    marks: Sequence[tuple[float, str]] = ()
    ideal: bool = False

    def html(self) -> Markup:
        """The chart with its title and legend."""
        drawing = Drawing(self._axis(0, self.x_axis), self._axis(1, self.y_axis))
        parts = [
            drawing.frame(self.x, self.y),
            *(drawing.mark(*mark) for mark in self.marks),
            drawing.diagonal() if self.ideal else "",
            *(drawing.series(series, place) for place, series in self._lines_first()),
        ]
        legend = "".join(_legend(series, place) for place, series in enumerate(self.series, 1)) if self._several else ""
        return Markup(
            f'<figure class="chart"><figcaption>{escape(self.title)}<span class="legend">{legend}</span></figcaption>'
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self.alt)}">{"".join(parts)}</svg>'
            "</figure>"
        )

    @property
    def _several(self) -> bool:
        return len(self.series) > 1

    def _lines_first(self) -> list[tuple[int, Series]]:
        return sorted(enumerate(self.series, 1), key=lambda each: each[1].kind == "dots")

    def _axis(self, part: int, given: Axis | None) -> Axis:
        return given or Axis.over(point[part] for series in self.series for point in series.points)


class Drawn(Protocol):
    """A chart, or bars."""

    def html(self) -> Markup:
        """The drawing with its title."""


def side_by_side(charts: Sequence[Drawn]) -> Markup:
    """Charts in rows as wide as the page: of two for two or four charts, else of three."""
    kind = "twos" if len(charts) in (2, 4) else "threes"
    return Markup(f'<div class="charts {kind}">{"".join(chart.html() for chart in charts)}</div>')


def _legend(series: Series, place: int) -> str:
    shape = '<circle class="dot" cx="10" cy="5" r="4"/>'
    if series.kind in ("line", "dashed", "steps"):
        shape = f'<line class="line {series.kind}" x1="0" y1="5" x2="22" y2="5"/>'
    sample = f'<svg viewBox="0 0 22 10" class="c{place}" aria-hidden="true">{shape}</svg>'
    return f"<span>{sample}{escape(series.name)}</span> "
