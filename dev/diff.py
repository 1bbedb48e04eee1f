"""The difference between an assembly and what is deployed: `cdk diff`, and a line for each other stack.

A stack that is not deployed differs in everything; the CLI would print all of that.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from dev.changes import Templates
from operations.aws.connection import Connection
from operations.deployed import cdk_cli, stacks
from operations.environment.assembly import Assembly
from specs import Specs

_ANNOUNCED = "REVIEW_IN_PROGRESS"
"""The status of a stack that has a change set and no resource yet."""


def show(connection: Connection, specs: Specs, options: Sequence[str], console: Console) -> int:
    """Print the difference; returns the CLI's exit code. `options` go to `cdk diff`."""
    environment = connection.environment.name
    folder = Path("cdk.out") / environment
    assembly = Assembly.read(folder).templates()
    found = stacks.existing(connection, [other.name for other in specs.environments], [m.name for m in specs.models])
    deployed = [stack.name for stack in found if stack.status != _ANNOUNCED]
    compared = [name for name in deployed if name in assembly]
    code = _cdk_diff(folder, compared, options) if compared else 0
    for line in _not_compared(environment, deployed, assembly):
        console.print(line, markup=False)
    return code


def _cdk_diff(folder: Path, names: Sequence[str], options: Sequence[str]) -> int:
    command = [cdk_cli.find(), "diff", *names, "--exclusively", "--app", str(folder), *options]
    return subprocess.run(command, env=cdk_cli.variables(), check=False).returncode


def _not_compared(environment: str, deployed: Sequence[str], assembly: Templates) -> Iterator[str]:
    for name in deployed:
        if name not in assembly:
            yield f"Declared no longer, and left as it is by a deploy: {name}"
    missing = {name: template for name, template in assembly.items() if template and name not in deployed}
    if missing:
        yield f"Not deployed, and not compared ({len(missing)} of {len(assembly)} stacks):"
        yield from (f"  {name}, with {len(template['Resources'])} resources" for name, template in missing.items())
        words = "" if environment == "local" else f"ENVIRONMENT={environment} "
        yield f"To see one whole: make diff {words}STACKS={next(iter(missing))}"
