"""`logs`: the log of a job, of a workflow, or of an endpoint's container."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from operations.aws.connection import Connection, connect
from operations.aws.log_lines import Line
from operations.errors import Failed
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, find
from operations.terminal.render import out, say
from operations.workflows import executions, step_logs
from operations.workflows.step_logs import Step, StepLog
from specs import ModelSpec

_INTERVAL = 2.0
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def command(
    environment_name: EnvironmentName,
    model_name: ModelName,
    step: Annotated[Step | None, typer.Argument(metavar="STEP", help="Default: all jobs of the last training.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", metavar="N", help="The last N lines.", min=1)] = 100,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines, to the step's end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the log of a step's last run. Where more than one host writes, each line begins with its step and host.

    prepare, tune, train, evaluate and track are steps of the last training, workflow is its state machine; release is
    the last release, endpoint the container that answers requests.

    Example: python -m operations logs local digits-cnn train --follow
    """
    environment, model = find(environment_name, model_name)
    connection = connect(environment)
    log = step_logs.find(connection, model, step, lines)
    printer = _JsonLines(log) if as_json else _Lines(log)
    printer.print(log.read()[-lines:])
    if follow:
        _follow(connection, log, printer)
    elif not printer.labels:
        raise Failed(_nothing(connection, model, step, log))


class _Lines:
    """Prints lines for people, with their label once there are two."""

    def __init__(self, log: StepLog) -> None:
        self._log = log
        self.labels: set[str] = set()

    def print(self, lines: list[Line]) -> None:
        self.labels |= {self._log.label(line.stream) for line in lines}
        for line in lines:
            self._print(line, self._log.label(line.stream))

    def _print(self, line: Line, label: str) -> None:
        shown = f"{label}  " if len(self.labels) > 1 else ""
        out.print(Text.assemble((shown, "dim"), _CONTROL.sub("", self._log.text(line.text)).rstrip()))


class _JsonLines(_Lines):
    """Prints one JSON object a line. A program can read it while it is followed."""

    def _print(self, line: Line, label: str) -> None:
        when = datetime.fromtimestamp(line.time / 1000, UTC).isoformat()
        print(json.dumps({"time": when, "from": label, "stream": line.stream, "text": line.text}), flush=True)


def _follow(connection: Connection, log: StepLog, printer: _Lines) -> None:
    """Print new lines until nothing more will be written. A job's last lines may come after its end."""
    if not printer.labels:
        say(f"{log.subject} has written nothing yet.")
    over = False
    while not over:
        over = bool(printer.labels or not log.job_prefix) and log.is_over(connection)
        time.sleep(_INTERVAL)
        printer.print(log.read())


def _nothing(connection: Connection, model: ModelSpec, step: Step | None, log: StepLog) -> str:
    if log.execution is None:
        return f"{log.subject} has written no log: nothing was ever served here."
    found = executions.describe(connection, log.execution)
    ended = "is running" if found.running else f"ended as {found.status}"
    ended += f": {found.reason}" if found.ended_badly else ""
    others = step_logs.with_lines(connection, model)
    there = f"\nThere is a log of: {', '.join(others)}" if step and others else ""
    return f"{log.subject} has no log{f' of {step}' if step else ''}; it {ended}{there}"
