"""The following of an execution: on a terminal, in a log, in CI, and its end by Ctrl-C."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from outcome import ROOT
from recorded_executions import EXECUTIONS, START
from rich.console import Console

from operations.terminal import following
from operations.terminal.execution_view import ExecutionView
from operations.workflows import executions
from operations.workflows.executions import Execution

STATES = [EXECUTIONS[case] for case in ("between jobs", "a classifier", "a search", "succeeded")]


class Terminal(io.StringIO):
    """A file that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_picture_that_is_redrawn() -> None:
    console = Console(file=Terminal(), width=80, force_terminal=True)
    assert following.show(STATES, console) is STATES[-1]
    assert "\x1b[" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("forced", [True, False], ids=["FORCE_COLOR", "no colours"])
def test_a_pipe_gets_lines_without_control_characters(forced: bool) -> None:
    console = Console(file=io.StringIO(), width=240, force_terminal=forced, color_system=None)
    assert following.show(STATES, console) is STATES[-1]
    said = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert said == ["[    41.3 s] Read the metrics", "[1 min 38 s] SUCCEEDED"], (
        "what changes within ten seconds is left out"
    )


@pytest.mark.parametrize(("variables", "redraws"), [({}, True), ({"CI": "true"}, False), ({"TERM": "dumb"}, False)])
def test_ci_and_a_dumb_terminal_get_lines(variables: dict[str, str], redraws: bool) -> None:
    plain = {name: value for name, value in os.environ.items() if name not in {"CI", "NO_COLOR", "FORCE_COLOR"}}
    ours, theirs = pty.openpty()
    program = "from operations.terminal.render import err, redraws; print(redraws(err))"
    with os.fdopen(ours), os.fdopen(theirs, "w") as terminal:
        ran = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=plain | {"TERM": "xterm"} | variables,
            stdout=subprocess.PIPE,
            stderr=terminal,
            text=True,
            check=True,
        )
    assert ran.stdout.strip() == str(redraws)


def test_no_color_leaves_the_bar_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    console.print(ExecutionView(EXECUTIONS["a classifier"]))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "━" in shown
    assert "─" in shown
    assert "\x1b[3" not in shown, "a colour"


def test_ctrl_c_ends_only_the_watching_and_says_how_to_watch_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(connection: Any, arn: str) -> Iterator[Execution]:
        yield replace(STATES[1], arn=arn, started=START)
        raise KeyboardInterrupt

    monkeypatch.setattr(executions, "follow", interrupted)
    connection: Any = SimpleNamespace(environment=SimpleNamespace(name="local"))
    with pytest.raises(KeyboardInterrupt):
        following.follow(connection, "digits-cnn", "arn:x")
    said = capsys.readouterr().err
    assert "The execution goes on." in said
    assert "  python -m operations watch local digits-cnn --execution arn:x\n" in said


def test_a_training_tells_what_its_gate_compared() -> None:
    ended = replace(EXECUTIONS["succeeded"], output='{"gate": "accuracy 0.99, and there is no champion"}')
    assert ended.gate == ended.as_json()["gate"] == "accuracy 0.99, and there is no champion"
    for output in (None, "{}", "[]", '"text"'):
        assert replace(ended, output=output).gate is None


def test_the_json_form_has_no_hidden_members() -> None:
    document = replace(EXECUTIONS["a classifier"], stopped=None).as_json()
    state = EXECUTIONS["a classifier"].states[0]
    assert document["states"][0] == {
        "name": state.name,
        "type": "Task",
        "entered": state.entered,
        "left": state.left,
        "visits": 1,
        "error": None,
    }
    assert (document["execution"], document["status"], document["stopped"]) == ("arn:x", "RUNNING", None)
