"""An execution as a picture of its states and job, and as one plain line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.text import Text

from operations.terminal.job_lines import facts, folded, lines, plain, trial_facts, trials
from operations.terminal.render import STYLES, duration
from operations.workflows import history
from operations.workflows.executions import Execution
from operations.workflows.history import StateProgress
from operations.workflows.jobs import JobView

SHORT_SECONDS = 1.0
"""States that ended sooner, without an error, share one line."""
_INDENT = 2


@dataclass(frozen=True)
class ExecutionView:
    """The workflow's tasks with their times, and the current job beneath its state."""

    execution: Execution

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        done, running = self._tasks()
        shown = [state for state in done if not self._is_short(state)]
        column = max((len(state.name) for state in (*shown, *running)), default=0)
        for state in shown:
            yield from self._state(state, column)
        if short := len(done) - len(shown):
            yield Text.assemble(("✓", "green"), (f" {short} {'more ' if shown else ''}{_states(short)}", "dim"))
        for state in running:
            yield from self._state(state, column)
        if self.execution.job:
            for line in _job(self.execution.job, options.max_width - _INDENT):
                yield Padding(line, (0, 0, 0, _INDENT))
        status = self.execution.status
        yield Text.assemble((status, STYLES.get(status, "")), f"  {duration(self.execution.seconds)}")

    def _tasks(self) -> tuple[list[StateProgress], list[StateProgress]]:
        """The tasks that have ended, and the current states of every kind: a wait takes time, too."""
        ended = [task for task in history.tasks(self.execution.states) if not task.running]
        return ended, list(history.running(self.execution.states))

    def _is_short(self, state: StateProgress) -> bool:
        return state.error is None and state.seconds(self.execution.now) < SHORT_SECONDS

    def _state(self, state: StateProgress, column: int) -> Iterator[Text | Padding]:
        mark, style = _mark(state, self.execution)
        times = f"  {state.visits} times" if state.visits > 1 else ""
        took = duration(state.seconds(self.execution.now))
        yield Text.assemble((mark, style), f" {state.name:<{column}}  {took:>10}{times}")
        if state.error:
            yield Padding(folded(state.error, "red"), (0, 0, 0, _INDENT))


def plain_line(execution: Execution) -> str:
    """The running states and the job's needed facts; at the end the status."""
    if not execution.running:
        return execution.status
    names = ", ".join(state.name for state in history.running(execution.states)) or execution.status
    return f"{names}  {plain(facts(execution.job))}".rstrip() if execution.job else names


def _job(job: JobView, width: int) -> Iterator[Text]:
    yield from lines(facts(job), width)
    if job.search is None:
        return
    for trial in trials(job.search):
        best = job.search.best is not None and trial.number == job.search.best.number
        head = f"{'★' if best else ' '} trial {trial.number:<3} "
        for place, line in enumerate(lines(trial_facts(trial, job.search.metric), width - len(head))):
            yield Text.assemble((head if place == 0 else " " * len(head), "bold" if best else ""), line)


def _states(count: int) -> str:
    return "state of less than a second" if count == 1 else "states of less than a second each"


def _mark(state: StateProgress, execution: Execution) -> tuple[str, str]:
    if not state.running:
        return ("!", "yellow") if state.error else ("✓", "green")
    return ("▸", "yellow") if execution.running else ("✗", "red")
