"""Time and memory of a synthesis by the number of models, without the validations.

    python -m benchmarks.many_models        # about 4 minutes on 2 cores

The models are copies of one. CPU seconds are those of app.py with its node process, memory is the larger peak of the
two. Prints a table and writes build/benchmarks/many_models.json.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.conditions import Conditions
from benchmarks.deploy_stacks import LEFT_OUT, declare_models
from benchmarks.results import write
from benchmarks.running import ROOT
from operations.terminal.render import table

NUMBERS = (1, 10, 50, 200)


@dataclass(frozen=True)
class Synthesis:
    """One synthesis: seconds, megabytes, and what it wrote."""

    models: int
    wall: float
    cpu: float
    peak_mb: float
    stacks: int
    templates_mb: float


def main() -> None:
    """Measure each number in a process of its own, print, write."""
    if len(sys.argv) > 1:
        print(json.dumps(asdict(synthesize(int(sys.argv[1])))))
        return
    with Conditions() as conditions:
        runs = [measured(number) for number in NUMBERS]
    headings = ("models", "stacks", "templates", "clock", "CPU", "CPU a model more", "peak memory")
    Console(soft_wrap=True).print(table("synthesis without validations", headings, rows(runs)))
    write("many_models", {"runs": [asdict(run) for run in runs]}, conditions)


def measured(number: int) -> Synthesis:
    """A synthesis in a process and a peak of memory of its own."""
    command = [sys.executable, "-m", "benchmarks.many_models", str(number)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if ended.returncode:
        sys.exit(ended.stdout + ended.stderr)
    return Synthesis(**json.loads(ended.stdout))


def synthesize(number: int) -> Synthesis:
    """Synthesize a project with so many models."""
    with tempfile.TemporaryDirectory(prefix="slipway-many-") as folder:
        project, output = Path(folder) / "project", Path(folder) / "assembly"
        shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(*LEFT_OUT))
        declare_models(project, [f"model-{position}" for position in range(number)])
        flags = json.loads((project / "cdk.json").read_text())["context"] | {"environment": "local"}
        variables = os.environ | {"CDK_OUTDIR": str(output), "CDK_CONTEXT_JSON": json.dumps(flags)}
        variables |= {"CDK_VALIDATION": "false", "PYTHONPATH": str(project)}
        began = time.perf_counter()
        subprocess.run([sys.executable, "app.py"], cwd=project, env=variables, check=True, stdout=sys.stderr)
        wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        templates = list(output.glob("*.template.json"))
        written = sum(template.stat().st_size for template in templates) / 1e6
        return Synthesis(number, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, len(templates), written)


def rows(runs: list[Synthesis]) -> list[tuple[str, ...]]:
    """One row a number of models; the fourth column compares with the row before."""
    found: list[tuple[str, ...]] = []
    for before, run in zip([None, *runs], runs, strict=False):
        more = f"{(run.cpu - before.cpu) / (run.models - before.models):.2f} s" if before else ""
        cost = (f"{run.wall:.1f} s", f"{run.cpu:.1f} s", more, f"{run.peak_mb:.0f} MB")
        found.append((str(run.models), str(run.stacks), f"{run.templates_mb:.1f} MB", *cost))
    return found


if __name__ == "__main__":
    main()
