"""The display of a run."""

from __future__ import annotations

import io
import time

import pytest
from recorded_executions import EXECUTIONS
from rich.console import Console

from demo import view
from demo.view import Board, LineView, LiveView
from operations.terminal import pace

PHASES = [("up", "Start it"), ("train", "Train it"), ("ask", "Ask it")]


class Terminal(io.StringIO):
    """A file that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def screen() -> Console:
    return Console(file=io.StringIO(), width=120, color_system=None)


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


def drawn(board: Board, width: int = 120) -> list[str]:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(LiveView(board, console).draw())
    return [line.rstrip() for line in printed(console).splitlines()]


def test_the_live_table_shows_what_is_done_what_goes_on_and_what_comes() -> None:
    lines = drawn(halfway())
    assert lines[0].split()[:3] == ["✓", "Start", "it"]
    assert lines[0].split()[-1] == "ready"
    assert "Train it" in lines[1]
    assert lines[2] == "  ━━━━━━━━━━━━────────────  epoch 2 of 3"
    assert lines[3].split() == ["·", "Ask", "it"]
    assert lines[4].endswith("in all")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_training_is_shown_as_watch_shows_it(width: int) -> None:
    board = halfway()
    board.follow(EXECUTIONS["a classifier"])
    lines = drawn(board, width)
    assert max(map(len, lines)) <= width
    for fact in ("epoch 2/3", "step 800/1290", "loss 0.05120", "accuracy 0.9834", "24 s left"):
        assert [line for line in lines if fact in line], fact
    ended = board.end()
    assert ended.execution is None


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_result_of_a_phase_is_not_cut(width: int) -> None:
    board = Board(PHASES)
    board.begin("up")
    board.note("aws://000000000000/us-east-1 is bootstrapped")
    board.end()
    result = "".join(line[41:].replace(" ", "") for line in drawn(board, width)[:3])
    assert result == "aws://000000000000/us-east-1isbootstrapped"


def test_a_failed_phase_is_marked() -> None:
    board = halfway()
    board.fail()
    assert drawn(board)[1].startswith("✗")


def test_lines_at_each_change() -> None:
    board, console = Board(PHASES), screen()
    with LineView(board, console) as lines:
        lines.began(board.begin("up"))
        board.note("ready")
        lines.ended(board.end())
        lines.began(board.begin("train"))
        lines.ended(board.fail() or pytest.fail("a phase ran"))
    said = [line.partition("] ")[2] for line in printed(console).splitlines()]
    assert said == ["Start it ...", "Start it took 0.0 s: ready", "Train it ...", "Train it stopped after 0.0 s"]


def test_a_long_phase_is_heard_of_between_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "LINE_SECONDS", 0.1)
    board, console = Board(PHASES), screen()
    with LineView(board, console) as lines:
        lines.began(board.begin("train"))
        board.note("epoch 2 of 3")
        deadline = time.monotonic() + 10
        while "epoch 2 of 3" not in printed(console) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert "epoch 2 of 3" in printed(console)


def test_a_terminal_gets_the_live_table_and_a_log_gets_lines() -> None:
    board = Board(PHASES)
    terminal = Console(file=Terminal(), force_terminal=True)
    assert isinstance(view.view_for(board, terminal), LiveView)
    assert isinstance(view.view_for(board, screen()), LineView)
