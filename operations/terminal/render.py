"""The output of commands: tables or JSON on standard output, progress on standard error."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

# CI keeps what is printed as a log, even where it offers a terminal. Rich itself heeds NO_COLOR.
_IS_TERMINAL = False if os.environ.get("CI") else None
# A pipe has no width: a program or a log must not get lines folded to that of a terminal.
out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 240, force_terminal=_IS_TERMINAL)
err = Console(stderr=True, soft_wrap=True, highlight=False, force_terminal=_IS_TERMINAL)

WIDEST_TITLE = 60
_WORD = re.compile(r"(?:`[^`]*`|\S)+\s*")

STYLES = {
    "SUCCEEDED": "green", "InService": "green", "Approved": "green", "Completed": "green",
    "RUNNING": "yellow", "PendingManualApproval": "yellow", "Updating": "yellow", "Creating": "yellow",
    "FAILED": "red", "ABORTED": "red", "TIMED_OUT": "red", "Rejected": "red", "Failed": "red", "ALARM": "red",
}  # fmt: skip


def say(sentence: str) -> None:
    """Print a sentence on standard error, so that it never mixes with a result."""
    err.print(wrapped(sentence, err.width) if err.is_terminal else sentence, markup=False)


def wrapped(text: str, width: int) -> str:
    """The lines of a text, broken between words; what is to be copied stays whole.

    That is an indented line, what stands in backticks, and a word that is longer than a line, such as an ARN.
    """
    return "\n".join(line if line.startswith(" ") else _wrapped_line(line, width) for line in text.split("\n"))


def _wrapped_line(line: str, width: int) -> str:
    shown = [""]
    for word in _WORD.findall(line):
        if shown[-1] and cell_len(shown[-1] + word.rstrip()) > width:
            shown.append("")
        shown[-1] += word
    return "\n".join(part.rstrip() for part in shown)


def redraws(console: Console) -> bool:
    """Tell whether a console can draw over its lines. With FORCE_COLOR, a pipe gets colours and nothing else."""
    return console.is_interactive and console.file.isatty()


def print_json(value: Any) -> None:
    """Print a result for a program, on standard output."""
    print(json.dumps(value, indent=2, default=_plain))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table with statuses in colour, local times, and a dash for None."""
    shown = Table(
        title=title,
        min_width=min(len(title), WIDEST_TITLE),  # a title is folded to the width of its table
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        show_header=any(columns),
        padding=(0, 2, 0, 0),
    )
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(cell(value) for value in row))
    return shown


def cell(value: object) -> Text:
    """A value as a cell of a table."""
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, datetime):
        return Text(value.astimezone().strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, timedelta):
        return Text(duration(value.total_seconds()))
    shown = f"{value:.4f}" if isinstance(value, float) else str(value)
    return Text(shown, style=STYLES.get(shown, ""))


def duration(seconds: float) -> str:
    """Seconds for people: 4.2 s, 3 min 05 s."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def left(seconds: float) -> str:
    """The time left, to the second."""
    return f"{seconds:.0f} s left" if round(seconds) < 60 else f"{duration(seconds)} left"


def stamped(seconds: float, text: str) -> str:
    """A line of a log, with the time since the beginning."""
    return f"[{duration(seconds):>10}] {text}"


def size(octets: float) -> str:
    """A number of bytes for people: 9.9 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if octets < 1000 or unit == "GB":
            return f"{octets:.0f} B" if unit == "B" else f"{octets:.1f} {unit}"
        octets /= 1000
    raise AssertionError("unreachable")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no JSON form")
