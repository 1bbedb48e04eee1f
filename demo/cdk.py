"""The pinned CDK CLI, and the progress in its output."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from demo import processes

ENVIRONMENT = "local"
LOG = Path("build/demo-cdk.log")
CONCURRENCY = ("--concurrency", "8")
"""Stacks that do not depend on each other are deployed side by side."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_EVENT = re.compile(
    r"^(?P<stack>\S+)\s*\|\s*(?:\d+(?:/\d+)?\s*\|\s*)?[\d:]+\s*(?:[AP]M)?\s*\|\s*(?P<status>[A-Z_]+)\s*\|"
    r"\s*(?P<type>\S+)\s*\|\s*(?P<id>.+?)\s*$"
)
_HEADLINE = re.compile(r"^\s*(?P<stack>[\w-]+): (?P<what>deploying|destroying|creating|start|success)\b")
_NOT_OURS = {"AWS::CloudFormation::Stack", "AWS::CDK::Metadata"}
_NO_CHANGES = re.compile(r"^\s*(?:✅\s*)?(?P<stack>[\w-]+) \(no changes\)")


@dataclass(frozen=True)
class Event:
    """One line of `--progress events`: a resource of a stack and its new status."""

    stack: str
    status: str
    type: str
    logical_id: str


def parse(line: str) -> Event | None:
    """The event in a line of the CLI's output; None for another line."""
    found = _EVENT.match(_ANSI.sub("", line))
    return Event(found["stack"], found["status"], found["type"], found["id"].split(" ")[0]) if found else None


@dataclass
class Progress:
    """The progress of a deploy: the resources that it created or updated, and a line about it."""

    deployed: set[tuple[str, str]] = field(default_factory=set)
    note: str = ""

    def take(self, line: str) -> None:
        """Read one line of the CLI's output."""
        text = _ANSI.sub("", line)
        if (event := parse(text)) is not None:
            self._take_event(event)
        elif unchanged := _NO_CHANGES.match(text):
            self.note = f"{unchanged['stack']}: no changes"
        elif headline := _HEADLINE.match(text):
            self.note = f"{headline['stack']}: {headline['what']}"

    def _take_event(self, event: Event) -> None:
        if event.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"} and event.type not in _NOT_OURS:
            self.deployed.add((event.stack, event.logical_id))
        self.note = f"{event.stack}: {len([1 for stack, _ in self.deployed if stack == event.stack])} resources"


def command(root: Path, *arguments: str) -> list[str]:
    """The command line of the pinned CLI. It needs the pinned node first on PATH."""
    return [str(root / "node_modules/.bin/cdk"), *arguments, "--no-notices", "--no-color"]


def bootstrap(root: Path, account: str, region: str, on_line: Callable[[str], None]) -> None:
    """Bootstrap an account and region.

    It runs in a folder without cdk.json, so that the CLI does not synthesize.
    """
    log = root / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    processes.run(command(root, "bootstrap", f"aws://{account}/{region}"), cwd=log.parent, log=log, on_line=on_line)


def deploy(root: Path, pattern: str, on_line: Callable[[str], None]) -> None:
    """Deploy the stacks with matching names, and those that they depend on."""
    arguments = (pattern, "-c", f"environment={ENVIRONMENT}", "--require-approval", "never", "--progress", "events")
    deploying = command(root, "deploy", *arguments, *CONCURRENCY)
    processes.run(deploying, cwd=root, log=root / LOG, on_line=on_line)
