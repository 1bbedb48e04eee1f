"""An execution on the terminal, from now to its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from operations.aws.connection import Connection
from operations.environment.situations import situation
from operations.environment.state import look
from operations.errors import Failed
from operations.terminal.render import STYLES, duration, err, out, print_json, say
from operations.workflows import executions, history
from operations.workflows.executions import Execution
from specs import ModelSpec


def follow_to_success(connection: Connection, model: ModelSpec, arn: str, *, as_json: bool) -> None:
    """Follow an execution to its end, print its result and the next steps. Raises ``Failed`` unless it succeeds."""
    last = follow(connection, arn)
    print_result(last, as_json=as_json)
    next_steps = situation(look(connection, model)).next_steps()
    if not last.succeeded:
        raise Failed(f"The execution ended as {last.status}: {last.reason}\n{next_steps}")
    if not as_json:
        say(next_steps)


def print_result(last: Execution, *, as_json: bool) -> None:
    """Print the result of an execution that has ended."""
    if as_json:
        print_json(last.as_json())
        return
    out.print(states_table(last))
    if last.gate:
        out.print(Text(last.gate))


def follow(connection: Connection, arn: str) -> Execution:
    """Follow an execution to its end and return it. Ctrl-C ends only the following, and says so."""
    try:
        return show(executions.follow(connection, arn))
    except KeyboardInterrupt:
        say(f"The execution goes on. To stop it: aws stepfunctions stop-execution --execution-arn {arn}")
        raise


def show(seen: Iterable[Execution]) -> Execution:
    """Show an execution as it changes, and return its last state.

    On a terminal that is a live table, elsewhere a line for each change.
    """
    return _show_live(seen) if err.is_terminal else _show_lines(seen)


def states_table(execution: Execution) -> RenderableType:
    """The workflow's tasks with their times, and the progress of the current job."""
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
    """The current job in one line: its name, the last line of its log, its latest metrics."""
    if execution.job is None:
        return ""
    metrics = "  ".join(f"{name} {value:.4g}" for name, value in execution.job.metrics.items())
    return "  ".join(part for part in (execution.job.name, execution.job.line, metrics) if part)


def changes(seen: Iterable[Execution]) -> Iterator[tuple[Execution, str]]:
    """Yield each execution with a line about it, which is empty without a change."""
    said = ""
    for execution in seen:
        now = [state.name for state in history.running(execution.states)]
        line = "  ".join(part for part in (execution.status, ", ".join(now), progress(execution)) if part)
        yield execution, line if line != said else ""
        said = line


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
