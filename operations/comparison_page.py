"""A comparison as an HTML page that looks like the reports."""

from __future__ import annotations

from html import escape

from operations.comparison import Comparison, Row
from training.common.metrics import RESUMED
from training.common.report import curves
from training.common.report.chart import side_by_side
from training.common.report.markup import DASH, Cell, Markup, code, missing, note, number, table
from training.common.report.page import Figure, Section, render

HEADINGS = {
    "metrics": "Metrics",
    "hyperparameters": "Hyperparameters",
    "lineage": "Data and code",
    "compute": "Compute and cost",
}


def page(environment: str, model: str, comparison: Comparison) -> str:
    """The page's HTML."""
    a, b = comparison.a, comparison.b
    sections = [_section(heading, rows) for heading, rows in comparison.groups.items()]
    sections.insert(1, _curves(comparison))
    figures = [_figure(row) for row in comparison.groups["metrics"]][:6]
    return render(f"{model}: A and B", f"A is {a.name}, B is {b.name}, in {environment}", figures, sections)


def _figure(row: Row) -> Figure:
    state = {"better": "good", "worse": "bad"}.get(row.verdict, "")
    values = f"{_value(row.a)} → {_value(row.b)}"
    said = "" if row.difference is None else f"{row.verdict or 'B'} by {row.difference:+.4g}"
    return Figure(row.name.replace("_", " "), values, said, state)


def _section(heading: str, rows: tuple[Row, ...]) -> Section:
    title = HEADINGS[heading]
    if not rows:
        return Section(title, note("Both have the same."))
    shown = [(row.name, _cell(row.a, row), _cell(row.b, row), _difference(row)) for row in rows]
    return Section(
        title, table(title, ("", "A#", "B#", "difference#") if _numeric(rows) else ("", "A", "B", ""), shown)
    )


def _numeric(rows: tuple[Row, ...]) -> bool:
    return any(row.difference is not None for row in rows)


def _cell(value: object, row: Row) -> Cell:
    if isinstance(value, str):
        return code(value)
    return f"{_value(value)} {row.unit}".strip()


def _value(value: object) -> str:
    return number(value) if isinstance(value, int | float) else str(value or DASH)


def _difference(row: Row) -> Cell:
    if row.difference is None:
        return Markup("differs" if row.differs else "same")
    return Markup(
        f'<span class="{row.verdict}">{escape(f"{row.difference:+.4g} {row.unit} {row.verdict}".strip())}</span>'
    )


def _curves(comparison: Comparison) -> Section:
    """Each metric that both emitted, one over the other."""
    a, b = comparison.a.history, comparison.b.history
    both = [name for name in sorted(a) if b.get(name) and a[name] and name != RESUMED]
    if not both:
        return Section("Curves", missing("There is no history of both executions to lay over one another."))
    charts = [curves.chart(name, {"A": a[name], "B": b[name]}) for name in both]
    return Section("Curves", side_by_side(charts))
