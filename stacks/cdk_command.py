"""The command of the CDK CLI that runs this app. The CLI does not tell, so the parent processes are read."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from specs import EnvironmentSpec
from specs.reach import unreachable
from stacks.placeholder import placeholder_sentence

DEPLOYING = frozenset({"deploy", "watch", "import"})
_CONNECTING = DEPLOYING | {"bootstrap", "destroy", "diff", "drift", "gc", "publish-assets", "refactor", "rollback"}
_SHELLS = {"sh", "bash", "dash", "zsh", "make"}
"""Their lines may hold a whole script, with several commands."""
_CLI = re.compile(r"(?:^|/)cdk(?:\.js)?\s+(.*)")


def refusal(environment: EnvironmentSpec, variables: Mapping[str, str]) -> str | None:
    """Explain why the CLI's command cannot work, before anything is synthesized for it.

    `cdk deploy --app cdk.out` runs no app; there the stacks' warning and CloudFormation's rule remain.
    """
    running = {found for line in _ancestors(os.getppid()) if (found := command(line))}
    if environment.has_placeholder_account and running & DEPLOYING:
        return placeholder_sentence(environment)
    return unreachable(environment, variables) if running else None


def command(line: str) -> str | None:
    """The CLI's command in a command line, if it needs AWS: `node .../bin/cdk deploy --all`."""
    if PurePath(line.partition(" ")[0]).name in _SHELLS:
        return None
    words = found[1].split() if (found := _CLI.search(line)) else []
    return next((word for word in words if word in _CONNECTING), None)


def _ancestors(pid: int) -> Iterator[str]:
    """Command lines from the parent up: the CLI is a few shells away."""
    for _ in range(6):
        try:
            shown = subprocess.run(  # -ww: else a narrow terminal's COLUMNS would cut the line
                ["ps", "-ww", "-o", "ppid=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
            )
        except OSError:  # a machine without ps
            return
        parent, _, line = shown.stdout.strip().partition(" ")
        yield line.strip()
        pid = int(parent or "0")
