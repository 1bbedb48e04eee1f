"""`report`: look at an execution's evaluation report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from operations import evaluations, executions, pages, which
from operations.arguments import AsJson, EnvironmentName, ModelName, find_environment, find_model, load_specs
from operations.aws import connect
from operations.errors import Failed
from operations.evaluations import short
from operations.pages import NoOpen, OutputFile
from operations.render import print_json, say
from operations.which import WORDS
from specs import names

if TYPE_CHECKING:
    from operations.aws import Connection


def latest(connection: Connection, model: str) -> str:
    """The ARN of the newest execution with a report; says so if a newer one has none, and why.

    Raises ``Failed`` if there is none, with what became of the last execution.
    """
    newest = executions.latest(connection, evaluations.state_machine(connection, model))
    if newest is None:
        train = f"python -m operations train {connection.environment.name} {model}"
        raise Failed(f"{model} was never trained here: run `{train}`.")
    found = next(evaluations.newest_with(connection, model, names.REPORT), None)
    if found != newest:
        said = f"The last execution, {short(newest)}, has no report: {evaluations.why_not(connection, model, newest)}"
        if found is None:
            raise Failed(f"{said}\nNo earlier execution has one either.")
        say(f"{said}\nThis is the report of {short(found)}.")
    return found


def download(connection: Connection, model: str, arn: str) -> bytes:
    """An execution's report. Raises ``Failed`` if it has none, with the reason."""
    content = evaluations.read(connection, model, arn, names.REPORT)
    if content is None:
        raise Failed(f"Execution {short(arn)} has no report: {evaluations.why_not(connection, model, arn)}")
    return content


def command(
    *,
    environment: EnvironmentName,
    model: ModelName,
    execution: Annotated[
        str | None, typer.Option("--execution", metavar="WHICH", help=f"Default: the last one with a report. {WORDS}.")
    ] = None,
    output: OutputFile = None,
    no_open: NoOpen = False,
    as_json: AsJson = False,
) -> None:
    """Download the report of an execution and open it; without a display its path is all you get.

    Example: python -m operations report local digits-cnn
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    connection = connect(place)
    arn = which.find(connection, spec.name, execution) if execution else latest(connection, spec.name)
    content = download(connection, spec.name, arn)
    path = pages.write(content, output, f"{environment}-{model}-{short(arn)}.html")
    if as_json:
        print_json({"execution": arn, "report": str(path)})
        return
    print(path)
    if not no_open:
        pages.open_in_browser(path)
