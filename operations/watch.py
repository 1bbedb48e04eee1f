"""`watch`: follow a training or release execution to its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from operations import executions, history
from operations.arguments import AsJson, EnvironmentName, ModelName, find_environment, find_model, load_specs
from operations.aws import connect
from operations.deployment import output
from operations.errors import Failed
from operations.executions import Execution
from operations.render import STYLES, duration, err, out, print_json, say
from specs import names

if TYPE_CHECKING:
    from rich.console import RenderableType

    from operations.aws import Connection


def to_the_end(connection: Connection, arn: str, *, as_json: bool) -> None:
    """Show an execution until it has ended, then its result. Raises ``Failed`` unless it succeeded.

    Ctrl-C ends the watching only.
    """
    last = attend(connection, arn)
    if as_json:
        print_json(last.as_json())
    else:
        out.print(states_table(last))
    if not last.succeeded:
        raise Failed(f"The execution ended as {last.status}: {last.reason}")


def attend(connection: Connection, arn: str) -> Execution:
    """Show an execution until it has ended, and return it; when interrupted, say that it goes on and how to stop it."""
    try:
        return show(executions.follow(connection, arn))
    except KeyboardInterrupt:
        say(f"The execution goes on. To stop it: aws stepfunctions stop-execution --execution-arn {arn}")
        raise


def show(seen: Iterable[Execution]) -> Execution:
    """Show executions as they are seen, and return the last one: a live table on a terminal, else a line per change."""
    return _show_live(seen) if err.is_terminal else _show_lines(seen)


def states_table(execution: Execution) -> RenderableType:
    """The workflow's tasks with their times, and what the current job says."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for state in history.tasks(execution.states):
        mark, style = _mark(state, execution)
        times = f"{state.visits} times" if state.visits > 1 else ""
        shown.add_row(
            Text(mark, style), state.name, duration(state.seconds(execution.now)), times, Text(state.error or "", "red")
        )
    status = Text.assemble((execution.status, STYLES.get(execution.status, "")), f"  {duration(execution.seconds)}")
    return Group(shown, *([Text(f"  {progress(execution)}", "dim")] if execution.job else []), status)


def progress(execution: Execution) -> str:
    """What the current job says, in one line: its name, its last line, its latest metrics."""
    if execution.job is None:
        return ""
    metrics = "  ".join(f"{name} {value:.4g}" for name, value in execution.job.metrics.items())
    return "  ".join(part for part in (execution.job.name, execution.job.line, metrics) if part)


def changes(seen: Iterable[Execution]) -> Iterator[tuple[Execution, str]]:
    """Each execution with the line that tells what is new in it; an empty line where nothing is."""
    said = ""
    for execution in seen:
        now = [state.name for state in history.running(execution.states)]
        line = "  ".join(part for part in (execution.status, ", ".join(now), progress(execution)) if part)
        yield execution, line if line != said else ""
        said = line


def command(
    environment: EnvironmentName,
    model: ModelName,
    execution: Annotated[str | None, typer.Option("--execution", metavar="ARN", help="Default: the last one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follow an execution to its end; exit code 1 if it fails. Ctrl-C stops the watching only.

    Example: python -m operations watch local digits-cnn
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    connection = connect(place)
    to_the_end(connection, execution or _latest(connection, spec.name), as_json=as_json)
    if execution is None and not as_json:
        say(f"Its report: python -m operations report {environment} {model}")


def _latest(connection: Connection, model: str) -> str:
    environment = connection.environment.name
    arn = executions.latest(connection, output(connection, names.training_stack(environment, model), "StateMachineArn"))
    if arn is None:
        raise Failed(f"{model} was never trained here: run `python -m operations train {environment} {model}`.")
    return arn


def _show_live(seen: Iterable[Execution]) -> Execution:
    from rich.live import Live

    with Live(console=err, transient=True, refresh_per_second=4) as live:
        for execution in seen:
            live.update(states_table(execution))
    return execution


def _show_lines(seen: Iterable[Execution]) -> Execution:
    for execution, line in changes(seen):
        if line:
            say(f"{duration(execution.seconds):>12}  {line}")
    return execution


def _mark(state: history.StateProgress, execution: Execution) -> tuple[str, str]:
    if not state.running:
        return ("!", "yellow") if state.error else ("✓", "green")
    return ("▸", "yellow") if execution.running else ("✗", "red")
