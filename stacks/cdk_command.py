"""The command of the CDK CLI that runs this app. The CLI does not tell, so the parent processes are read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import PurePath

DEPLOYING = frozenset({"deploy", "watch", "import"})


def is_deploying() -> bool:
    """True if `cdk deploy` (or watch, or import) runs the app. Errs on the side of False: then AWS refuses.

    `cdk deploy --app cdk.out` runs no app; there the stacks' warning and CloudFormation's rule remain.
    """
    return any(is_deployment(line) for line in _ancestors(os.getppid()))


def is_deployment(arguments: list[str]) -> bool:
    """True for the command line of a deploying CLI, such as `node .../bin/cdk deploy --all`."""
    for position, argument in enumerate(arguments[:3]):
        if PurePath(argument).name in {"cdk", "cdk.js"}:
            return not DEPLOYING.isdisjoint(arguments[position + 1 :])
    return False


def _ancestors(pid: int) -> Iterator[list[str]]:
    """Command lines from the parent up: the CLI is a few shells away."""
    for _ in range(6):
        try:
            shown = subprocess.run(  # -ww: else a narrow terminal's COLUMNS would cut the line
                ["ps", "-ww", "-o", "ppid=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
            )
        except OSError:  # a machine without ps
            return
        parent, *line = shown.stdout.split() or ["0"]
        yield line
        pid = int(parent)
