"""A run ends in one of three ways: done, failed, interrupted."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from demo import runner
from demo.phases import PHASES, Phase
from demo.processes import CommandFailed
from demo.run import Run
from demo.view import Board, LineView
from operations.errors import Failed


def phases(*work: object) -> tuple[Phase, ...]:
    """Phases of which each raises what it is given, or does nothing for None."""

    def do(outcome: object) -> object:
        def run(_: Run) -> None:
            if isinstance(outcome, BaseException):
                raise outcome

        return run

    return tuple(Phase(f"p{number}", f"Phase {number}", do(outcome), "its.log") for number, outcome in enumerate(work))


def started(tmp_path: Path, chosen: tuple[Phase, ...]) -> tuple[Run, LineView]:
    board = Board([(phase.name, phase.title) for phase in chosen])
    run = Run(tmp_path, SimpleNamespace(name="local"), SimpleNamespace(name="digits-cnn"), board)
    return run, LineView(board, Console(file=io.StringIO()))


def test_every_phase_is_timed(tmp_path: Path) -> None:
    chosen = phases(None, None)
    run, view = started(tmp_path, chosen)
    runner.run_phases(run, chosen, view)
    assert list(run.figures.phases) == ["p0", "p1"]
    assert not any(row.failed for row in run.board.rows)


@pytest.mark.parametrize(
    "outcome",
    [Failed("no"), CommandFailed(["cdk"], 1, Path("x"), []), KeyboardInterrupt()],
    ids=lambda e: type(e).__name__,
)
def test_the_first_failure_ends_the_run_and_is_marked(tmp_path: Path, outcome: BaseException) -> None:
    chosen = phases(None, outcome, None)
    run, view = started(tmp_path, chosen)
    with pytest.raises(type(outcome)):
        runner.run_phases(run, chosen, view)
    assert [row.failed for row in run.board.rows] == [False, True, False]
    assert list(run.figures.phases) == ["p0"]


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    """A function that runs the demo with other phases: exit code, output, clean-up."""

    def run(*work: object) -> tuple[int, str, list[str]]:
        cleaned: list[str] = []
        monkeypatch.setattr(runner, "PHASES", phases(*work))
        monkeypatch.setattr(runner, "load_specs", lambda: None)
        monkeypatch.setattr(runner, "find_environment", lambda specs, name: SimpleNamespace(name=name))
        monkeypatch.setattr(runner, "find_model", lambda specs, name: SimpleNamespace(name=name))
        monkeypatch.setattr(runner.cleanup, "after_interrupt", lambda run, say: cleaned.append("clean"))
        console = Console(file=io.StringIO(), width=200)
        code = runner.run_demo(tmp_path, console)
        return code, console.file.getvalue(), cleaned  # type: ignore[attr-defined]

    return run


def test_a_failure_is_a_sentence_with_the_place_to_look(demo: object) -> None:
    code, said, cleaned = demo(None, Failed("The training ended as FAILED: too bad"))  # type: ignore[operator]
    assert (code, cleaned) == (1, [])
    assert "The training ended as FAILED: too bad" in said
    assert "More is in:\n    its.log" in said


def test_an_interrupt_is_cleaned_up(demo: object) -> None:
    code, said, cleaned = demo(None, KeyboardInterrupt(), None)  # type: ignore[operator]
    assert (code, cleaned) == (130, ["clean"])
    assert "Interrupted." in said


def test_the_phases_have_names_of_their_own() -> None:
    assert len({phase.name for phase in PHASES}) == len(PHASES)
