"""The duration of `cdk deploy --all` on the sandbox: three models, then one changed property.

    python -m benchmarks.deploy_stacks        # about 3 minutes on 2 cores

The models are copies of the first one's TOML in a temporary copy of this project, deployed to a sandbox of its own. The
time is split by the stacks' own events: *resources* is the time with at least one resource of the current stack in
progress, *engine* the rest between a stack's first and last event, *CLI* everything else: synthesis, assets, change
sets, and the CLI's polling. Prints a table and writes build/benchmarks/deploy_stacks.json.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console

from benchmarks.conditions import Conditions
from benchmarks.costs import cost_of
from benchmarks.results import write
from benchmarks.running import ROOT
from operations.terminal.render import duration, table

LEFT_OUT = (".git", ".venv", ".cache", ".mypy_cache", "build", "cdk.out", "node_modules", "tests")
COPIED = "digits-cnn"
MODELS = ("first", "second", "third")
CHANGED = ("threshold = 0.99 ", "threshold = 0.98 ")
STACK = "AWS::CloudFormation::Stack"
Span = tuple[datetime, datetime]


@dataclass
class Split:
    """One deployment in seconds; `resources_in_a_row` is the sum of the resources' own times.

    `cpu` is the CLI's.
    """

    wall: float
    cpu: float
    cli: float = 0.0
    engine: float = 0.0
    resources: float = 0.0
    resources_in_a_row: float = 0.0
    resources_changed: int = 0
    stacks: int = 0


def main() -> None:
    """Measure, print, write. Exits with the CLI's output if a deployment fails."""
    console = Console(soft_wrap=True, highlight=False)
    with Conditions() as conditions, tempfile.TemporaryDirectory(prefix="slipway-deploy-") as folder:
        project = Path(folder) / "project"
        shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(*LEFT_OUT))
        declare_models(project)
        with sandbox(Path(folder)) as variables:
            cdk(Path(folder), variables, "bootstrap", "aws://000000000000/us-east-1")
            runs = {"create": deploy(project, variables)}
            change_one_property(project)
            runs["update"] = deploy(project, variables)
    console.print(table(f"cdk deploy --all, {len(MODELS)} models", ("", *runs), rows(runs, conditions)))
    measured = {name: asdict(run) for name, run in runs.items()}
    write("deploy_stacks", {"models": len(MODELS), "runs": measured}, conditions)


def declare_models(project: Path, names: Sequence[str] = MODELS) -> None:
    """Replace the models by copies of one under other names."""
    folder = project / "models"
    text = (folder / f"{COPIED}.toml").read_text()
    for declared in folder.glob("*.toml"):
        declared.unlink()
    for name in names:
        (folder / f"{name}.toml").write_text(text.replace(f'name = "{COPIED}"', f'name = "{name}"'))


def change_one_property(project: Path) -> None:
    """Lower the threshold of one model's gate, which changes the definition of one state machine."""
    declared = project / "models" / f"{MODELS[0]}.toml"
    text = declared.read_text()
    if CHANGED[0] not in text:
        sys.exit(f"{declared.name} says `{CHANGED[0]}` no longer: change this benchmark with it.")
    declared.write_text(text.replace(*CHANGED))


@contextmanager
def sandbox(folder: Path, **variables: str) -> Iterator[dict[str, str]]:
    """Start a sandbox for this measurement; yield the environment that points the CLI to it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_", "SANDBOX_"))}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean |= {"SANDBOX_HOME": str(folder / "sandbox"), "SANDBOX_PORT": str(port), "CDK_HOME": str(folder / "cdk")}
    clean |= variables
    clean["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), str(ROOT / "node_modules/.bin"), clean["PATH"]])
    command = [sys.executable, "-m", "sandbox"]
    subprocess.run([*command, "up"], cwd=ROOT, env=clean, check=True, stdout=subprocess.DEVNULL)
    try:
        printed = subprocess.run([*command, "env"], cwd=ROOT, env=clean, check=True, capture_output=True, text=True)
        exports = [shlex.split(line)[1] for line in printed.stdout.splitlines() if line.startswith("export ")]
        yield clean | dict(export.split("=", 1) for export in exports)
    finally:
        subprocess.run([*command, "down"], cwd=ROOT, env=clean, check=True, stdout=subprocess.DEVNULL)


def cdk(folder: Path, variables: dict[str, str], *arguments: str) -> None:
    """Run the CLI in a folder."""
    command = ["cdk", *arguments, "--no-notices", "--no-color"]
    ended = subprocess.run(command, cwd=folder, env=variables, check=False, capture_output=True, text=True)
    if ended.returncode:
        sys.exit(f"{shlex.join(command)} ended with exit code {ended.returncode}:\n{ended.stdout}{ended.stderr}")


def deploy(project: Path, variables: dict[str, str]) -> Split:
    """Deploy all stacks, and split the time by their events."""
    began = datetime.now().astimezone()
    everything = ("deploy", "--all", "-c", "environment=local", "--require-approval", "never")
    cost = cost_of(partial(cdk, project, variables, *everything))
    split = Split(cost.wall, cost.cpu)
    api = boto3.client(
        "cloudformation",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    for stack in api.describe_stacks()["Stacks"]:
        pages = api.get_paginator("describe_stack_events").paginate(StackName=stack["StackName"])
        events = [event for page in pages for event in page["StackEvents"] if event["Timestamp"] >= began]
        add_stack(split, [event for event in events if event["ResourceStatus"] != "REVIEW_IN_PROGRESS"][::-1])
    split.cli = split.wall - split.engine - split.resources
    return split


def add_stack(split: Split, events: list[dict[str, Any]]) -> None:
    """Add the share of one stack from its events in chronological order."""
    if not events:
        return
    spans = spans_of([event for event in events if event["ResourceType"] != STACK])
    whole = (events[-1]["Timestamp"] - events[0]["Timestamp"]).total_seconds()
    busy = covered(spans)
    split.stacks += 1
    split.engine += whole - busy
    split.resources += busy
    split.resources_in_a_row += sum((end - begin).total_seconds() for begin, end in spans)
    split.resources_changed += len(spans)


def spans_of(events: list[dict[str, Any]]) -> list[Span]:
    """The time spans in which resources were in progress."""
    begun: dict[str, datetime] = {}
    spans = []
    for event in events:
        key = f"{event['LogicalResourceId']} {event['ResourceStatus'].partition('_')[0]}"
        if event["ResourceStatus"].endswith("_IN_PROGRESS"):
            begun.setdefault(key, event["Timestamp"])
        elif key in begun:
            spans.append((begun.pop(key), event["Timestamp"]))
    return sorted(spans)


def covered(spans: list[Span]) -> float:
    """The seconds covered by at least one span; the spans are sorted by their beginnings."""
    seconds, end = 0.0, None
    for begin, until in spans:
        start = begin if end is None or begin > end else end
        if end is None or until > end:
            seconds += (until - start).total_seconds()
            end = until
    return seconds


def rows(runs: dict[str, Split], conditions: Conditions) -> list[tuple[str, ...]]:
    """One row for each part with its share, and concurrent against sequential time."""
    split = runs.values()
    return [
        ("in all", *(duration(run.wall) for run in split)),
        ("CPU of the CLI", *(duration(run.cpu) for run in split)),
        ("CLI", *(f"{duration(run.cli)} ({conditions.percent(run.cli / run.wall, 1)})" for run in split)),
        ("engine", *(f"{run.engine:.3f} s ({conditions.percent(run.engine / run.wall, 1)})" for run in split)),
        ("resources", *(f"{run.resources:.3f} s ({conditions.percent(run.resources / run.wall, 1)})" for run in split)),
        ("resources one after another", *(conditions.times(run.resources_in_a_row / run.resources) for run in split)),
        ("resources changed", *(str(run.resources_changed) for run in split)),
        ("stacks changed", *(str(run.stacks) for run in split)),
        ("against create", *(conditions.times(run.wall / runs["create"].wall, 2) for run in split)),
    ]


if __name__ == "__main__":
    main()
