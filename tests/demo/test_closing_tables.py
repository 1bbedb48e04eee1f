"""The closing tables of the demo."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from demo import report
from demo.phases import PHASES
from demo.run import Run
from demo.view import Board


def test_states_that_took_no_time_share_a_line() -> None:
    nothing: Any = SimpleNamespace()
    run = Run(Path(), nothing, nothing, Board([]))
    run.figures.phases = {phase.name: 1.0 for phase in PHASES}
    run.figures.workflow = {"Look for prepared data": 0.02, "Train 0: ml.m5.xlarge spot": 98.0, "Register": 0.2}
    console = Console(file=io.StringIO(), width=80)
    console.print(report.times_table(run))
    lines = [line.strip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    train = next(number for number, line in enumerate(lines) if line.startswith("Train 0"))
    assert lines[train].split("  ")[-1].strip() == "1 min 38 s"
    assert lines[train + 1].split() == ["2", "more", "less", "than", "1.0", "s", "each"]
    assert not [line for line in lines if line.startswith(("Look for", "Register"))]
