"""The display of a run: a live table on a terminal, lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from operations.terminal.render import duration

HEARTBEAT_SECONDS = 10.0


@dataclass
class Row:
    """One phase on the display. `share` is the part of it that is done, from 0 to 1, if known."""

    name: str
    title: str
    started: float | None = None
    seconds: float | None = None
    note: str = ""
    share: float | None = None
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
        row.seconds, row.share = time.monotonic() - (row.started or 0.0), None
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
        """The table as it is now."""
        now = time.monotonic()
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=1)
        table.add_column(width=28, no_wrap=True)
        table.add_column(width=12, justify="right", no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        for row in self._board.rows:
            shown = duration(row.elapsed(now)) if row.started is not None else ""
            table.add_row(self._mark(row), Text(row.title, _style(row)), Text(shown, "dim"), _detail(row))
        return Group(table, Text(f"   {duration(now - self._board.began)} in all", "dim"))

    def _mark(self, row: Row) -> RenderableType:
        if row.failed:
            return Text("✗", "red")
        if row.seconds is not None:
            return Text("✓", "green")
        return self._spinner if row.started is not None else Text("·", "dim")


class LineView:
    """Lines for a log: at each beginning and end, and every ten seconds during a phase."""

    def __init__(self, board: Board, console: Console) -> None:
        self._board = board
        self._console = console
        self._over = threading.Event()
        self._said = time.monotonic()

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
        self._say(
            " ".join(part for part in (f"{row.title} {outcome} {duration(row.seconds or 0.0)}", row.note) if part)
        )

    def _beat(self) -> None:
        while not self._over.wait(0.5):
            row = self._board.current
            if row is not None and time.monotonic() - self._said >= HEARTBEAT_SECONDS:
                self._say(f"  {duration(row.elapsed(time.monotonic()))}  {row.note}".rstrip())

    def _say(self, text: str) -> None:
        self._said = time.monotonic()
        self._console.print(f"[{time.monotonic() - self._board.began:6.1f} s] {text}", markup=False)


def view_for(board: Board, console: Console) -> View:
    """The live table on a terminal, lines elsewhere."""
    return LiveView(board, console) if console.is_terminal else LineView(board, console)


def _style(row: Row) -> str:
    if row.failed:
        return "red"
    return "bold" if row.started is not None and row.seconds is None else ("" if row.started is not None else "dim")


def _detail(row: Row) -> RenderableType:
    if row.share is None:
        return Text(row.note, "dim")
    bar = Table.grid(padding=(0, 1, 0, 0))
    bar.add_row(ProgressBar(total=1.0, completed=row.share, width=24), Text(row.note, "dim"))
    return bar
