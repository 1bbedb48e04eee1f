"""A comparison as an HTML page that looks like the reports."""

from __future__ import annotations

from html import escape

from operations.reports.comparison import Comparison, Row, Value
from pages import curves
from pages.chart import side_by_side
from pages.markup import Cell, Markup, code, missing, note, pill, table
from pages.page import Figure, Section, render
from pages.run_files import RESUMED

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
    return Figure(f"{row.name.replace('_', ' ')} of B", row.shown(row.b), f"A {row.shown(row.a)}: {row.change}", state)


def _section(heading: str, rows: tuple[Row, ...]) -> Section:
    title = HEADINGS[heading]
    if not rows:
        return Section(title, note("Both have the same."))
    mark = "#" if any(row.difference is not None for row in rows) else ""
    columns = ("", f"A{mark}", f"B{mark}", f"difference{mark}")
    shown = [(row.name.replace("_", " "), _cell(row, row.a), _cell(row, row.b), _change(row)) for row in rows]
    return Section(title, table("A and B side by side", columns, shown))


def _cell(row: Row, value: Value) -> Cell:
    return code(value) if isinstance(value, str) else row.shown(value)


def _change(row: Row) -> Cell:
    if row.difference is None and row.differs:
        return pill("differs", "warn")
    kind = row.verdict or ("none" if row.change == "same" else "")
    return Markup(f'<span class="{kind}">{escape(row.change)}</span>')


def _curves(comparison: Comparison) -> Section:
    """A chart for each metric that both have, with both curves."""
    a, b = comparison.a.history, comparison.b.history
    both = [name for names in curves.by_quantity(a).values() for name in names if a[name] and b.get(name)]
    both = [name for name in both if name != RESUMED]
    if not both:
        return Section("Curves", missing("There is no history of both executions to lay over one another."))
    charts = [curves.chart(name, {"A": a[name], "B": b[name]}) for name in both]
    return Section("Curves", side_by_side(charts))
