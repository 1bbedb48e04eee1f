"""The time that a person waits for a deploy: held answers, concurrency, and a hotswap.

    python -m benchmarks.deploy_loop        # about 4 minutes on 2 cores

Each deploys an assembly, so that no synthesis is in it: three models to empty sandboxes, then one changed state
machine (medians of three). The sandbox without held answers is a copy of its code that holds them for no time. Prints
tables and writes build/benchmarks/deploy_loop.json.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks.conditions import Conditions
from benchmarks.costs import Cost, cost_of, median
from benchmarks.deploy_stacks import LEFT_OUT, MODELS, cdk, change_one_property, declare_models, sandbox
from benchmarks.results import write
from benchmarks.running import ROOT
from operations.terminal.render import table

HOLDING = Path("sandbox/corrections/cloudformation/requests/held_answers.py")
HELD, UNHELD = "_LONGEST = 3.0", "_LONGEST = 0.0"
ROUNDS = 3
APPROVED = ("--require-approval", "never")
CHANGED_STACK = f"slipway-local-{MODELS[0]}-training"


def main() -> None:
    """Measure, print, write. Exits with the CLI's output if a deployment fails."""
    with Conditions() as conditions, tempfile.TemporaryDirectory(prefix="slipway-loop-") as name:
        folder = Path(name)
        first, second = assemblies(folder)
        unheld = {"PYTHONPATH": str(without_held_answers(folder))}
        creates = {
            "cdk deploy --all, no held answers": create(folder / "unheld", first, **unheld),
            "cdk deploy --all": create(folder / "held", first),
        }
        (folder / "loop").mkdir()
        with sandbox(folder / "loop") as variables:
            bootstrap(folder, variables)
            side_by_side = ("deploy", "--all", *APPROVED, "--concurrency", "8")
            creates["make deploy"] = timed(folder, variables, first, *side_by_side)
            alone = ("deploy", CHANGED_STACK, "-e", *APPROVED)
            rounds: dict[str, list[Cost]] = {
                "make deploy": [],
                "... STACKS of the change": [],
                "... ARGS=--hotswap": [],
            }
            for _ in range(ROUNDS):
                costs = (
                    timed(folder, variables, second, *side_by_side),
                    timed(folder, variables, first, *alone),
                    timed(folder, variables, second, *alone, "--hotswap"),
                )
                for found, cost in zip(rounds.values(), costs, strict=True):
                    found.append(cost)
        changes = {name: median(found) for name, found in rounds.items()}
    console = Console(soft_wrap=True, highlight=False)
    console.print(table("11 stacks to an empty sandbox", HEADINGS, rows(creates, conditions)))
    console.print(table("one changed state machine", HEADINGS, rows(changes, conditions)))
    document = {
        kind: {name: asdict(cost) for name, cost in costs.items()}
        for kind, costs in (("creates", creates), ("changes", changes))
    }
    write("deploy_loop", document, conditions)


def assemblies(folder: Path) -> tuple[Path, Path]:
    """The assembly of three models, and one with a lower threshold of one model's gate."""
    project = folder / "project"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(*LEFT_OUT))
    declare_models(project)
    (folder / "synthesis").mkdir()
    found = []
    with sandbox(folder / "synthesis") as variables:
        for name in ("first", "second"):
            found.append(folder / name)
            cdk(project, variables, "synth", "--quiet", "-c", "environment=local", "-o", str(found[-1]))
            if name == "first":
                change_one_property(project)
    return found[0], found[1]


def without_held_answers(folder: Path) -> Path:
    """A copy of the sandbox's code that answers DescribeStacks at once."""
    copy = folder / "code"
    shutil.copytree(ROOT / "sandbox" / "src", copy)
    code = (copy / HOLDING).read_text()
    if HELD not in code:
        sys.exit(f"{HOLDING} says `{HELD}` no longer: change this benchmark with it.")
    (copy / HOLDING).write_text(code.replace(HELD, UNHELD))
    return copy


def create(folder: Path, assembly: Path, **variables: str) -> Cost:
    """Deploy everything to a new sandbox, one stack after the other."""
    folder.mkdir()
    with sandbox(folder, **variables) as environment:
        bootstrap(folder, environment)
        return timed(folder, environment, assembly, "deploy", "--all", *APPROVED)


def bootstrap(folder: Path, variables: dict[str, str]) -> None:
    cdk(folder, variables, "bootstrap", "aws://000000000000/us-east-1")


def timed(folder: Path, variables: dict[str, str], assembly: Path, *arguments: str) -> Cost:
    """Run the CLI on an assembly."""
    return cost_of(partial(cdk, folder, variables, *arguments, "--app", str(assembly)))


HEADINGS = ("", "wall", "CPU of the CLI", "faster by the clock")


def rows(costs: dict[str, Cost], conditions: Conditions) -> list[tuple[str, ...]]:
    """One row a way, against the first."""
    base = next(iter(costs.values()))
    return [
        (name, f"{cost.wall:.1f} s", f"{cost.cpu:.1f} s", conditions.times(base.wall / cost.wall))
        for name, cost in costs.items()
    ]


if __name__ == "__main__":
    main()
