"""The run of all phases, and its three ends: done, failed, interrupted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from demo import cleanup, report
from demo.cdk import ENVIRONMENT
from demo.phases import PHASES, Phase
from demo.processes import CommandFailed
from demo.run import Run
from demo.view import Board, View, view_for
from operations.aws.explain import explain
from operations.errors import OperationError
from operations.terminal.arguments import find_environment, find_model, load_specs
from operations.terminal.render import wrapped

MODEL = "digits-cnn"
DONE, FAILED, INTERRUPTED = 0, 1, 130


def run_demo(root: Path, console: Console) -> int:
    """Run the whole path; returns the exit code."""
    specs = load_specs()
    board = Board([(phase.name, phase.title) for phase in PHASES])
    run = Run(root, find_environment(specs, ENVIRONMENT), find_model(specs, MODEL), board)
    try:
        with view_for(board, console) as view:
            run_phases(run, PHASES, view)
    except KeyboardInterrupt:
        console.print("Interrupted.")
        cleanup.after_interrupt(run, lambda text: console.print(text, markup=False))
        return INTERRUPTED
    except (OperationError, CommandFailed, ClientError, BotoCoreError) as failure:
        console.print(wrapped(_sentence(failure), console.width), markup=False, style="red", soft_wrap=True)
        console.print(f"More is in:\n    {_log(run)}", markup=False, soft_wrap=True)
        return FAILED
    run.figures.total_seconds = time.monotonic() - board.began
    console.print(report.final(run, run.figures.write(root)))
    return DONE


def run_phases(run: Run, phases: Sequence[Phase], view: View) -> None:
    """Run phases and time each. An exception marks its phase as failed and ends them all."""
    for phase in phases:
        view.began(run.board.begin(phase.name))
        try:
            phase.do(run)
        except BaseException:
            if failed := run.board.fail():
                view.ended(failed)
            raise
        row = run.board.end()
        run.figures.phases[phase.name] = row.seconds or 0.0
        view.ended(row)


def _sentence(failure: Exception) -> str:
    return explain(failure) if isinstance(failure, ClientError | BotoCoreError) else str(failure)


def _log(run: Run) -> str:
    failed = next(row.name for row in run.board.rows if row.failed)
    return next(phase.log for phase in PHASES if phase.name == failed)
