"""Runs the command line in this process, as `python -m operations` does."""

from __future__ import annotations

import os
import sys

import pytest
from outcome import ROOT, Outcome, Run

from operations.cli import main


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs a command in the checkout's root, without the caller's AWS settings."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(ROOT)

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["operations", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        written = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), written.out, written.err)

    return run
