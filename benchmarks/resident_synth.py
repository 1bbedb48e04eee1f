"""The resident synthesis of `make dev` against a cold `cdk synth`, both with every validation.

    python -m benchmarks.resident_synth        # about a minute on 2 cores

Three models of the environment `local`; CPU seconds are those of all processes that take part. Prints a table and
writes build/benchmarks/resident_synth.json.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import psutil
from rich.console import Console

from benchmarks.conditions import Conditions
from benchmarks.costs import Cost, cost_of, median, of_ended_children
from benchmarks.results import write
from dev.synthesizer import Synthesizer
from operations.deployed import cdk_cli
from operations.terminal.render import table

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = "local"
ROUNDS = 3


def main() -> None:
    """Measure, print, write. Exits with the words of a synthesis that fails."""
    with Conditions() as conditions, tempfile.TemporaryDirectory(prefix="slipway-synth-") as folder:
        costs = {"cdk synth": measured(partial(cold, Path(folder) / "cold"), of_ended_children)}
        with Synthesizer(ROOT, ENVIRONMENT, Path(folder) / "resident") as synthesizer:
            resident(synthesizer, reloading=False)  # the start, which a person waits for once
            for name, reloading in (("an edit of TOML", False), ("an edit of code", True)):
                costs[name] = measured(partial(resident, synthesizer, reloading=reloading), children_now)
    base = costs["cdk synth"]
    rows = [
        (
            name,
            f"{cost.wall:.1f} s",
            f"{cost.cpu:.1f} s",
            conditions.times(base.wall / cost.wall),
            conditions.times(base.cpu / cost.cpu),
        )
        for name, cost in costs.items()
    ]
    Console(soft_wrap=True).print(table("three models, all validations", ("", "wall", "CPU", "wall", "CPU"), rows))
    write("resident_synth", {name: asdict(cost) for name, cost in costs.items()}, conditions)


def measured(synthesize: Callable[[], None], cpu: Callable[[], float]) -> Cost:
    """The median cost of a few syntheses."""
    return median([cost_of(synthesize, cpu) for _ in range(ROUNDS)])


def cold(folder: Path) -> None:
    """Synthesize by the CLI."""
    command = [cdk_cli.find() or "cdk", "synth", "--quiet", "-c", f"environment={ENVIRONMENT}", "--output", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, env=cdk_cli.variables(), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(ended.stdout + ended.stderr)


def resident(synthesizer: Synthesizer, *, reloading: bool) -> None:
    """Synthesize in the resident process."""
    if failure := synthesizer.synthesize(reloading=reloading).failure:
        raise SystemExit(failure)


def children_now() -> float:
    """The CPU seconds of the processes that run."""
    running = [child.cpu_times() for child in psutil.Process(os.getpid()).children(recursive=True)]
    return sum(each.user + each.system for each in running)


if __name__ == "__main__":
    main()
