"""A comparison as an HTML page that looks like the reports."""

from __future__ import annotations

from html import escape

from operations.reports.comparison import Comparison, Row
from operations.workflows.artifacts import Evaluated
from pages import curves
from pages.chart import side_by_side
from pages.difference import SAID
from pages.markup import Cell, Markup, code, commit, folded, join, missing, moment, note, table
from pages.page import Figure, Section, render
from pages.run_files import RESUMED

HEADINGS = {
    "metrics": "Metrics",
    "hyperparameters": "Hyperparameters",
    "lineage": "Data and code",
    "compute": "Compute and cost",
}
STATES = {"better": "good", "worse": "bad"}
MOST_FIGURES = 4
SHORT = 12
"""How many digits of a commit stand at the top."""


def page(environment: str, model: str, comparison: Comparison) -> str:
    """The page's HTML."""
    a, b = comparison.a, comparison.b
    sections = [_section(comparison, heading) for heading in comparison.groups]
    sections.insert(1, _curves(comparison))
    figures = [_figure(comparison, row) for row in comparison.groups["metrics"]][:MOST_FIGURES]
    about = [(each.label, _about(each)) for each in (a, b)]
    return render(f"{model}: {comparison.title}", f"Two trainings in {environment}", figures, sections, about)


def _about(each: Evaluated) -> Markup:
    """The approval, date, commit and execution of one side."""
    known = each.facts.get("commit")
    parts = [
        escape(each.version.approval) if each.version else "not registered",
        moment(each.began),
        join("commit ", commit(str(known), SHORT)) if known else "",
        join("execution ", code(each.name)),
    ]
    return Markup(" · ".join(part for part in parts if part))


def _figure(comparison: Comparison, row: Row) -> Figure:
    of_a = f"{comparison.a.label} {row.shown(row.a)}: {row.change}"
    label = f"{row.words} of {comparison.b.label}"
    return Figure(label, row.shown(row.b), of_a, STATES.get(row.verdict, ""), _sure(row))


def _section(comparison: Comparison, heading: str) -> Section:
    """The rows that differ; the others are folded below them."""
    rows = comparison.groups[heading]
    differing, equal = [row for row in rows if row.differs], [row for row in rows if not row.differs]
    parts = [_differing(comparison, heading, differing) if differing else note("Both have the same.")]
    if equal:
        parts.append(folded(f"The same in both: {', '.join(row.words for row in equal)}", _equal(heading, equal)))
    if any(row.difference for row in differing):
        parts.insert(1, note(SAID))
    return Section(HEADINGS[heading], join(*parts))


def _differing(comparison: Comparison, heading: str, rows: list[Row]) -> Markup:
    a, b = comparison.a.label, comparison.b.label
    if any(isinstance(row.a, float | int) and isinstance(row.b, float | int) for row in rows):
        shown = [(row.words, row.shown(row.a), row.shown(row.b), _change(row)) for row in rows]
        return table(
            f"{HEADINGS[heading]} that differ", ("name", f"{a}#", f"{b}#", "difference#"), shown, kind="compared"
        )
    words = [(row.words, code(row.shown(row.a)), code(row.shown(row.b))) for row in rows]
    return table(f"{HEADINGS[heading]} that differ", ("name", a, b), words, kind="compared")


def _equal(heading: str, rows: list[Row]) -> Markup:
    shown: list[tuple[Cell, Cell]] = [(row.words, code(row.shown(row.a))) for row in rows]
    return table(f"{HEADINGS[heading]} that are the same", ("name", "both"), shown, kind="compared")


def _change(row: Row) -> Markup:
    """The difference, coloured where it is better or worse, with its interval below."""
    below = f'<span class="said">{escape(_sure(row))}</span>' if _sure(row) else ""
    kind = row.verdict if row.verdict in STATES else "none"
    return Markup(f'<span class="{kind}">{escape(row.change)}</span>{below}')


def _sure(row: Row) -> str:
    known = row.difference.sure if row.difference else ""
    return f"95 % interval {known}" if known else ""


def _curves(comparison: Comparison) -> Section:
    """A chart for each metric that both have, with both curves."""
    a, b = comparison.a, comparison.b
    found = [name for names in curves.by_quantity(a.history).values() for name in names if a.history[name]]
    both = [name for name in found if b.history.get(name) and name != RESUMED]
    if not both:
        return Section("Curves", missing("There is no history of both executions to lay over one another."))
    charts = [
        curves.chart(name, {each.label: curves.shown(name, each.history[name]) for each in (a, b)}) for name in both
    ]
    return Section("Curves", side_by_side(charts))
