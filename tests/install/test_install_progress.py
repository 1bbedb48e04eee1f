"""The display of an installation, in a pipe and on a terminal."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from install import progress
from install.progress import Progress
from install.refused import Refused


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the beginning and the end, and a sign of life between them."""
    monkeypatch.setattr(progress, "BEAT_SECONDS", 0.0)
    out = io.StringIO()
    shown = Progress(tmp_path / "log", out)
    shown.begin("Python packages", "about 200, one to two minutes")
    shown.run("sh", "-c", "echo Resolved 214 packages; echo ' + absl-py==2.5.1'; sleep 0.5")
    shown.end()
    first, *beats, last = out.getvalue().splitlines()
    assert first == "Python packages: about 200, one to two minutes ..."
    assert "  0 s  Resolved 214 packages" in beats
    assert last.startswith("Python packages: done in ")
    assert "\r" not in out.getvalue()
    assert (tmp_path / "log").read_text() == "Resolved 214 packages\n + absl-py==2.5.1\n"


def test_a_terminal_gets_one_line_that_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    out = Terminal()
    shown = Progress(tmp_path / "log", out)
    shown.begin("Python packages", "about 200")
    shown.run("sh", "-c", "echo Downloading a package with a very long name; sleep 0.5")
    changing = out.getvalue().partition("...\n")[2]
    assert changing.count("\n") == 0
    assert "\r  0 s  Downloading a package \x1b[K" in changing
    assert changing.endswith("\r\x1b[K"), "the line is gone at the end"


def test_a_failure_ends_with_the_last_lines(tmp_path: Path) -> None:
    shown = Progress(tmp_path / "log", io.StringIO())
    shown.begin("Python packages", "about 200")
    with pytest.raises(Refused) as refused:
        shown.run("sh", "-c", "echo no matching distribution >&2; exit 3")
    said = "Python packages: sh ended with exit code 3:\n  no matching distribution\n"
    assert str(refused.value) == f"{said}More is in: {tmp_path / 'log'}"


def test_an_interruption_ends_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Progress(tmp_path / "log", io.StringIO())
    shown.begin("Python packages", "about 200")

    def interrupted(self: Progress) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "_beat", interrupted)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        shown.run("sleep", "60")
    assert time.monotonic() - began < 30
