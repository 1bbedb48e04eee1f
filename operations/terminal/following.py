"""An execution on the terminal, from now to its end."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from operations.aws.connection import Connection
from operations.environment.situations import situation
from operations.environment.state import look
from operations.errors import Failed
from operations.terminal.execution_view import ExecutionView, plain_line
from operations.terminal.pace import Pace
from operations.terminal.render import err, out, print_json, redraws, say, stamped
from operations.workflows import executions
from operations.workflows.executions import Execution
from specs import ModelSpec, hints


def follow_to_success(connection: Connection, model: ModelSpec, arn: str, *, as_json: bool) -> None:
    """Follow an execution to its end, print its result and the next steps. Raises ``Failed`` unless it succeeds."""
    last = follow(connection, model.name, arn)
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
    out.print(ExecutionView(last))
    if last.gate:
        out.print(Text(last.gate))


def follow(connection: Connection, model: str, arn: str) -> Execution:
    """Follow an execution to its end and return it. Ctrl-C ends only the following, and says so."""
    try:
        return show(executions.follow(connection, arn), err)
    except KeyboardInterrupt:
        again = hints.watch(connection.environment.name, model, execution=arn)
        say(
            f"The execution goes on. To watch it again:\n  {again}\n"
            f"To stop it:\n  aws stepfunctions stop-execution --execution-arn {arn}"
        )
        raise


def show(seen: Iterable[Execution], console: Console) -> Execution:
    """Show an execution as it changes, and return its last state.

    On a terminal that is a picture that is redrawn; elsewhere, and in CI, a line for each change.
    """
    return _show_live(seen, console) if redraws(console) else _show_lines(seen, console)


def _show_live(seen: Iterable[Execution], console: Console) -> Execution:
    from rich.live import Live

    with Live(console=console, transient=True, refresh_per_second=4) as live:
        for execution in seen:
            live.update(ExecutionView(execution))
    return execution


def _show_lines(seen: Iterable[Execution], console: Console) -> Execution:
    pace = Pace()
    for execution in seen:
        line = plain_line(execution)
        if pace.due(line) or not execution.running:
            console.print(stamped(execution.seconds, line), markup=False)
    return execution
