"""The end of a finished run: its figures, and the commands to try next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from demo import cdk
from demo.phases import PHASES, SHEET
from demo.run import Run
from operations.terminal.execution_view import SHORT_SECONDS
from operations.terminal.render import duration, table
from specs import hints


def final(run: Run, figures_path: Path) -> RenderableType:
    """The closing tables, the files that were written, and the next commands."""
    return Group("", figures_table(run), "", times_table(run), "", Text(_next(run, figures_path)))


def figures_table(run: Run) -> RenderableType:
    """The quality and speed of the endpoint."""
    figures = run.figures
    latency = figures.latency
    rows = [
        ("accuracy on the 10,000 test images", f"{figures.accuracy:.2%} ({figures.mistakes} mistakes)"),
        ("requests answered", f"{figures.requests}"),
        ("latency of one PNG, p50 / p99", f"{latency.p50:.1f} / {latency.p99:.1f} ms" if latency else None),
        ("in service", f"{run.group}, version {figures.version}"),
        ("resources deployed", f"{figures.resources_deployed}" if figures.resources_deployed else "0 (no changes)"),
    ]
    return table("Results", ("", ""), rows)


def times_table(run: Run) -> RenderableType:
    """The duration of each phase, and of each state of the training workflow."""
    rows: list[tuple[str, str]] = []
    for phase in PHASES:
        rows.append((phase.title, duration(run.figures.phases[phase.name])))
        if phase.name == "train":
            rows += _states(run.figures.workflow)
    return table("How long it took", ("", ""), [*rows, ("in all", duration(run.figures.total_seconds))])


def _states(workflow: Mapping[str, float]) -> list[tuple[str, str]]:
    """The states that took time, and the number of the others."""
    long = [(f"  {state}", duration(seconds)) for state, seconds in workflow.items() if seconds >= SHORT_SECONDS]
    short = len(workflow) - len(long)
    return [*long, (f"  {short} more", f"less than {duration(SHORT_SECONDS)} each")] if short else long


def _next(run: Run, figures_path: Path) -> str:
    environment, model = run.environment.name, run.model.name
    return "\n".join(
        (
            f"Digits with predictions: {SHEET}   Figures: {figures_path.relative_to(run.root)}   CDK's log: {cdk.LOG}",
            "",
            'Next, with  eval "$(.venv/bin/python -m sandbox env)"  in your shell:',
            "  make diff, make deploy                               (after an edit; make dev does both at each edit)",
            f"  {hints.status(environment, model)}",
            f"  {hints.train(environment, model, set='seed=1', watch=True)}",
            f"  {hints.rollback(environment, model)}      (after a second version)",
            "  make down                                            (destroy everything and stop the sandbox)",
        )
    )
