"""`compare`: set two executions of a model side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from operations.aws.connection import connect
from operations.errors import BadInput
from operations.reports import page_file
from operations.reports.comparison import Comparison, compare
from operations.reports.comparison_page import HEADINGS, page
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, NoOpen, OutputFile, find
from operations.terminal.render import out, print_json, table
from operations.workflows import artifacts, choice
from operations.workflows.choice import LAST, PREVIOUS, WORDS
from pages.difference import SAID


def command(
    *,
    environment_name: EnvironmentName,
    model_name: ModelName,
    a: Annotated[str, typer.Argument(metavar="A", help=f"The first execution: {WORDS}.")] = PREVIOUS,
    b: Annotated[str, typer.Argument(metavar="B", help="The second execution, in the same words.")] = LAST,
    html: Annotated[bool, typer.Option("--html", help="Write an HTML page with the curves, and open it.")] = False,
    output: OutputFile = None,
    no_open: NoOpen = False,
    as_json: AsJson = False,
) -> None:
    """Compare two executions: metrics, hyperparameters, data, code, compute, cost.

    Example: python -m operations compare local digits-cnn previous last --html
    """
    environment, model = find(environment_name, model_name)
    if (output or no_open) and not html:
        raise BadInput("--output and --no-open belong to the page: add --html.")
    connection = connect(environment)
    arns = [choice.find(connection, model.name, word) for word in (a, b)]
    if arns[0] == arns[1]:
        raise BadInput(f"{a} and {b} are the same execution, {arns[0]}: there is nothing to compare.")
    found = compare(*(artifacts.load(connection, model.name, arn) for arn in arns))
    path = _write(environment.name, model.name, found, output) if html else None
    if as_json:
        print_json(found.as_json() | ({"page": str(path)} if path else {}))
        return
    for shown in as_tables(model.name, found):
        out.print(shown, soft_wrap=False)
        out.print()
    if path:
        print(path)
        if not no_open:
            page_file.open_in_browser(path)


def as_tables(model: str, comparison: Comparison) -> list[RenderableType]:
    """The comparison for people: a table of the differences for each heading, and the names of equal rows."""
    a, b = comparison.a, comparison.b
    sides = [(each.label, each.began, each.name) for each in (a, b)]
    shown: list[RenderableType] = [Text(f"{model}: {comparison.title}", style="bold"), table("", ("",) * 3, sides)]
    for heading, rows in comparison.groups.items():
        differing = [(row.words, row.shown(row.a), row.shown(row.b), row.change) for row in rows if row.differs]
        if differing:
            columns = ("", a.label, b.label, "difference")
            said = len(columns) - all(change == "differs" for *_, change in differing)
            shown.append(table(HEADINGS[heading], columns[:said], [row[:said] for row in differing]))
        if same := ", ".join(row.words for row in rows if not row.differs):
            shown.append(Text(f"The same in both, of {HEADINGS[heading].lower()}: {same}", style="dim"))
    return [*shown, Text(SAID, style="dim")]


def _write(environment: str, model: str, found: Comparison, output: Path | None) -> Path:
    content = page(environment, model, found).encode()
    return page_file.write(content, output, f"{environment}-{model}-{found.a.name}-{found.b.name}.html")
