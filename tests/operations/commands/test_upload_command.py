"""The sentences of `upload` about an interruption, before and after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from outcome import ROOT, Outcome, Run

from operations.uploads.data_set import Uploaded
from specs import load

Command = Callable[[Callable[..., Any]], Outcome]


@pytest.fixture
def command(operations: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """The command with another transfer in the place of the real one."""

    def run(transfer: Callable[..., Any]) -> Outcome:
        monkeypatch.setattr("operations.commands.upload.connect", lambda environment: None)
        monkeypatch.setattr("operations.commands.upload.upload", transfer)
        for name in load(ROOT).models[0].data.files:
            (tmp_path / name).write_bytes(b"")
        return operations("upload", "local", load(ROOT).models[0].name, str(tmp_path))

    return run


def test_what_was_resumed_is_said(command: Command) -> None:
    done = command(lambda *_: (Uploaded("images", "s3://data/images", 100, "uploaded", resumed_bytes=60),))
    assert (done.code, done.err.strip()) == (0, "images: 60 B were there already, from an interrupted upload.")


def test_who_interrupts_is_told_how_to_go_on(command: Command) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    stopped = command(interrupted)
    assert stopped.code == 130
    assert "The parts that arrived are kept for 7 days: the same command goes on from there." in stopped.err
