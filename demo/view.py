"""The display of a run: a live table on a terminal, lines elsewhere and in CI."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from operations.terminal.execution_view import ExecutionView, plain_line
from operations.terminal.job_lines import LONGEST_BAR, bar
from operations.terminal.pace import Pace
from operations.terminal.render import duration, redraws, stamped
from operations.workflows.executions import Execution

_INDENT = 2


@dataclass
class Row:
    """One phase on the display.

    `share` is the part of it that is done, from 0 to 1, if known; `execution` is the workflow that it follows.
    """

    name: str
    title: str
    started: float | None = None
    seconds: float | None = None
    note: str = ""
    share: float | None = None
    execution: Execution | None = None
    failed: bool = False

    def elapsed(self, now: float) -> float:
        """The seconds since it began; its duration once it has ended."""
        if self.seconds is not None:
            return self.seconds
        return now - self.started if self.started is not None else 0.0


class Board:
    """The phases of a run and their progress. One thread writes it, another draws it."""

    def __init__(self, phases: Sequence[tuple[str, str]]) -> None:
        self.rows = [Row(name, title) for name, title in phases]
        self.began = time.monotonic()
        self.current: Row | None = None

    def begin(self, name: str) -> Row:
        self.current = next(row for row in self.rows if row.name == name)
        self.current.started = time.monotonic()
        return self.current

    def end(self) -> Row:
        row = self._running()
        row.seconds, row.share, row.execution = time.monotonic() - (row.started or 0.0), None, None
        self.current = None
        return row

    def fail(self) -> Row | None:
        """Mark the running phase as failed and return it; None if none runs."""
        if self.current is None:
            return None
        self.current.failed = True
        return self.end()

    def note(self, text: str, share: float | None = None) -> None:
        row = self._running()
        row.note, row.share = text, share

    def follow(self, execution: Execution) -> None:
        """Show an execution in place of the note."""
        row = self._running()
        row.note, row.execution = plain_line(execution), execution

    def _running(self) -> Row:
        if self.current is None:
            raise RuntimeError("no phase runs")
        return self.current


class View(Protocol):
    """The display of a board during a run."""

    def __enter__(self) -> View: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def began(self, row: Row) -> None:
        """A phase has begun."""

    def ended(self, row: Row) -> None:
        """A phase has ended or failed."""


class LiveView:
    """A table that is redrawn four times a second."""

    def __init__(self, board: Board, console: Console) -> None:
        self._board = board
        self._spinner = Spinner("dots")
        self._live = Live(console=console, get_renderable=self.draw, refresh_per_second=4)

    def __enter__(self) -> LiveView:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def began(self, row: Row) -> None:
        self._live.refresh()

    def ended(self, row: Row) -> None:
        self._live.refresh()

    def draw(self) -> RenderableType:
        """The phases as they are now, with the progress of the current one beneath it."""
        now = time.monotonic()
        parts: list[RenderableType] = []
        for row in self._board.rows:
            parts.append(self._line(row, now))
            if row is self._board.current and (row.note or row.execution):
                parts.append(Padding(_doing(row), (0, 0, 0, _INDENT)))
        return Group(*parts, Text(f"  {duration(now - self._board.began)} in all", "dim"))

    def _line(self, row: Row, now: float) -> RenderableType:
        line = Table(box=None, show_header=False, padding=(0, 2, 0, 0), expand=True)
        line.add_column(width=1)
        line.add_column(width=26)
        line.add_column(width=10, justify="right", no_wrap=True)
        line.add_column(ratio=1, overflow="fold")
        took = duration(row.elapsed(now)) if row.started is not None else ""
        result = row.note if row.seconds is not None else ""
        line.add_row(self._mark(row), Text(row.title, _style(row)), Text(took, "dim"), Text(result, "dim"))
        return line

    def _mark(self, row: Row) -> RenderableType:
        if row.failed:
            return Text("✗", "red")
        if row.seconds is not None:
            return Text("✓", "green")
        return self._spinner if row.started is not None else Text("·", "dim")


class LineView:
    """Lines for a log: at each beginning and end, and at the pace of the log during a phase."""

    def __init__(self, board: Board, console: Console) -> None:
        self._board = board
        self._console = console
        self._over = threading.Event()
        self._pace = Pace()

    def __enter__(self) -> LineView:
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def began(self, row: Row) -> None:
        self._say(f"{row.title} ...")

    def ended(self, row: Row) -> None:
        outcome = "stopped after" if row.failed else "took"
        said = f"{row.title} {outcome} {duration(row.seconds or 0.0)}"
        self._say(f"{said}: {row.note}" if row.note else said)

    def _beat(self) -> None:
        while not self._over.wait(0.5):
            row = self._board.current
            if row is not None and self._pace.due(row.note):
                self._print(f"  {row.note}")

    def _say(self, text: str) -> None:
        self._pace.said()
        self._print(text)

    def _print(self, text: str) -> None:
        self._console.print(stamped(time.monotonic() - self._board.began, text), markup=False)


def view_for(board: Board, console: Console) -> View:
    """The live table on a terminal, lines elsewhere."""
    return LiveView(board, console) if redraws(console) else LineView(board, console)


def _style(row: Row) -> str:
    if row.failed:
        return "red"
    return "bold" if row.started is not None and row.seconds is None else ("" if row.started is not None else "dim")


def _doing(row: Row) -> RenderableType:
    """The progress of a phase. A note takes one line only, so that the table does not jump."""
    if row.execution is not None:
        return ExecutionView(row.execution)
    shown = (bar(row.share, LONGEST_BAR), "  ") if row.share is not None else ()
    return Text.assemble(*shown, (row.note, "dim"), no_wrap=True, overflow="ellipsis")
