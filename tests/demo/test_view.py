"""The display of a run."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from demo import view
from demo.view import Board, LineView, LiveView

PHASES = [("up", "Start it"), ("train", "Train it"), ("ask", "Ask it")]


def screen(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), width=120, force_terminal=terminal, color_system=None)


def printed(console: Console) -> str:
    return console.file.getvalue()  # type: ignore[attr-defined]


def halfway() -> Board:
    board = Board(PHASES)
    board.begin("up")
    board.note("ready")
    board.end()
    board.begin("train")
    board.note("epoch 2 of 3", 0.5)
    return board


def test_the_live_table_shows_what_is_done_what_goes_on_and_what_comes() -> None:
    board = halfway()
    console = screen(terminal=True)
    console.print(LiveView(board, console).draw())
    lines = printed(console).splitlines()
    assert lines[0].split()[:3] == ["✓", "Start", "it"]
    assert lines[0].split()[-1] == "ready"
    assert "Train it" in lines[1]
    assert "━" in lines[1]
    assert lines[1].rstrip().endswith("epoch 2 of 3")
    assert lines[2].split() == ["·", "Ask", "it"]
    assert lines[3].endswith("in all")


def test_a_failed_phase_is_marked() -> None:
    board = halfway()
    board.fail()
    console = screen(terminal=True)
    console.print(LiveView(board, console).draw())
    assert printed(console).splitlines()[1].startswith("✗")


def test_lines_at_each_change() -> None:
    board, console = Board(PHASES), screen(terminal=False)
    with LineView(board, console) as lines:
        lines.began(board.begin("up"))
        board.note("ready")
        lines.ended(board.end())
        lines.began(board.begin("train"))
        lines.ended(board.fail() or pytest.fail("a phase ran"))
    said = [line.partition("] ")[2] for line in printed(console).splitlines()]
    assert said == ["Start it ...", "Start it took 0.0 s ready", "Train it ...", "Train it stopped after 0.0 s"]


def test_a_long_phase_is_heard_of_between_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "HEARTBEAT_SECONDS", 0.1)
    board, console = Board(PHASES), screen(terminal=False)
    with LineView(board, console) as lines:
        lines.began(board.begin("train"))
        board.note("epoch 2 of 3")
        deadline = time.monotonic() + 10
        while "epoch 2 of 3" not in printed(console) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert "epoch 2 of 3" in printed(console)


def test_a_terminal_gets_the_live_table_and_a_log_gets_lines() -> None:
    board = Board(PHASES)
    assert isinstance(view.view_for(board, screen(terminal=True)), LiveView)
    assert isinstance(view.view_for(board, screen(terminal=False)), LineView)
