"""Which command of the CDK CLI runs this app. The CLI does not say, so the parent processes are read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import PurePath

DEPLOYING = frozenset({"deploy", "watch", "import"})


def is_deploying() -> bool:
    """Whether `cdk deploy` (or watch, or import) runs the app. Errs on the side of False: then AWS refuses.

    `cdk deploy --app cdk.out` runs no app; there the warning of the stacks and AWS remain.
    """
    return any(command_of(line) in DEPLOYING for line in _ancestors(os.getppid()))


def command_of(arguments: list[str]) -> str | None:
    """The CLI's command in a process's command line, such as `deploy` in `node .../bin/cdk deploy --all`."""
    for position, argument in enumerate(arguments[:3]):
        if PurePath(argument).name in {"cdk", "cdk.js", "cdk.cmd"}:
            known = [word for word in arguments[position + 1 :] if word in DEPLOYING]
            return known[0] if known else None
    return None


def _ancestors(pid: int) -> Iterator[list[str]]:
    """Command lines from the parent up. The CLI is at most a few shells away."""
    for _ in range(6):
        shown = subprocess.run(
            ["ps", "-o", "ppid=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        words = shown.stdout.split()
        if len(words) < 2:
            return
        yield words[1:]
        pid = int(words[0])
