"""`report`: look at an execution's evaluation report."""

from __future__ import annotations

from typing import Annotated

import typer

from operations.aws.connection import Connection, connect
from operations.errors import Failed
from operations.reports import page_file
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, NoOpen, OutputFile, find
from operations.terminal.render import print_json, say
from operations.workflows import artifacts, choice, executions, training
from operations.workflows.executions import short_name
from pages.page import with_version
from specs import names


def latest(connection: Connection, model: str) -> str:
    """The ARN of the newest execution with a report; prints why newer ones lack it.

    Raises ``Failed`` if no execution has one, with the reason for the last one.
    """
    newest = training.newest(connection, model)
    found = next(artifacts.newest_with(connection, model, names.REPORT), None)
    if found != newest:
        reason = artifacts.why_not_evaluated(connection, model, newest)
        said = f"The last execution, {short_name(newest)}, has no report: {reason}"
        if found is None:
            raise Failed(f"{said}\nNo earlier execution has one either.")
        say(f"{said}\nThis is the report of {short_name(found)}.")
    return found


def download(connection: Connection, model: str, arn: str) -> bytes:
    """Read an execution's report. Raises ``Failed`` with the reason if it has none."""
    content = artifacts.read(connection, model, arn, names.REPORT)
    if content is None:
        reason = artifacts.why_not_evaluated(connection, model, arn)
        raise Failed(f"Execution {short_name(arn)} has no report: {reason}")
    return content


def _version(connection: Connection, model: str, arn: str) -> str:
    """The version that an execution registered, as the page says it."""
    found = artifacts.version(connection, model, arn, executions.describe(connection, arn).started)
    return f"{found.version}, {found.approval}" if found else "none: this execution registered no version"


def command(
    *,
    environment_name: EnvironmentName,
    model_name: ModelName,
    execution: Annotated[
        str | None,
        typer.Option("--execution", metavar="WHICH", help=f"Default: the last one with a report. {choice.WORDS}."),
    ] = None,
    output: OutputFile = None,
    no_open: NoOpen = False,
    as_json: AsJson = False,
) -> None:
    """Download an execution's report and open it; without a display, only print its path.

    The downloaded page has the version, which the registry gives after the job has written its page.

    Example: python -m operations report local digits-cnn
    """
    environment, model = find(environment_name, model_name)
    connection = connect(environment)
    arn = choice.find(connection, model.name, execution) if execution else latest(connection, model.name)
    content = with_version(
        download(connection, model.name, arn).decode(), _version(connection, model.name, arn)
    ).encode()
    path = page_file.write(content, output, f"{environment.name}-{model.name}-{short_name(arn)}.html")
    if as_json:
        print_json({"execution": arn, "report": str(path)})
        return
    print(path)
    if not no_open:
        page_file.open_in_browser(path)
