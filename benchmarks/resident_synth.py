"""The resident synthesis of `make dev` against a cold `cdk synth`, both with every validation.

    python -m benchmarks.resident_synth        # about a minute on 2 cores

Three models of the environment `local`; CPU seconds are those of all processes that take part. Prints a table and
writes build/benchmarks/resident_synth.json.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import psutil
from rich.console import Console

from dev.synthesizer import Synthesizer
from operations.deployed import cdk_cli
from operations.terminal.render import table

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "build/benchmarks/resident_synth.json"
ENVIRONMENT = "local"
ROUNDS = 3


@dataclass(frozen=True)
class Cost:
    """Medians of some syntheses, in seconds."""

    wall: float
    cpu: float


def main() -> None:
    """Measure, print, write. Exits with the words of a synthesis that fails."""
    with tempfile.TemporaryDirectory(prefix="slipway-synth-") as folder:
        costs = {"cdk synth": measured(partial(cold, Path(folder) / "cold"), children_that_ended)}
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
            f"x{base.wall / cost.wall:.1f}",
            f"x{base.cpu / cost.cpu:.1f}",
        )
        for name, cost in costs.items()
    ]
    Console(soft_wrap=True).print(table("three models, all validations", ("", "wall", "CPU", "wall", "CPU"), rows))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({name: asdict(cost) for name, cost in costs.items()}, indent=2) + "\n")


def measured(synthesize: Callable[[], None], cpu: Callable[[], float]) -> Cost:
    """The median cost of a few syntheses."""
    walls, cpus = [], []
    for _ in range(ROUNDS):
        began, before = time.perf_counter(), cpu()
        synthesize()
        walls.append(time.perf_counter() - began)
        cpus.append(cpu() - before)
    return Cost(statistics.median(walls), statistics.median(cpus))


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


def children_that_ended() -> float:
    """The CPU seconds of the processes that have ended, with all of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def children_now() -> float:
    """The CPU seconds of the processes that run."""
    running = [child.cpu_times() for child in psutil.Process(os.getpid()).children(recursive=True)]
    return sum(each.user + each.system for each in running)


if __name__ == "__main__":
    main()
