"""`python -m demo down`: empty the environment, destroy its stacks, stop the sandbox."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from demo import cdk, sandbox
from operations.aws.connection import connect
from operations.environment import leftovers
from operations.terminal.arguments import find_environment, load_specs


def take_down(root: Path, console: Console) -> None:
    """Destroy everything that the demo deployed, and stop the sandbox.

    A sandbox that is down is started first: it holds what was deployed. After a failure it stays up to look into.
    """

    def say(text: str) -> None:
        console.print(text.strip(), markup=False)

    if not sandbox.running(root):
        if not sandbox.holds_anything(root):
            say("The sandbox is empty, so nothing is deployed.")
            return
        sandbox.up(root, say)
    specs = load_specs()
    connection = connect(find_environment(specs, cdk.ENVIRONMENT))
    leftovers.remove(connection, leftovers.find(connection, specs), say)
    progress = cdk.Progress()
    said = ""

    def take(line: str) -> None:
        nonlocal said
        progress.take(line)
        stack = progress.note.partition(":")[0]
        if stack != said:
            said = stack
            say(f"destroying {stack}")

    cdk.destroy(root, take)
    sandbox.down(root, say)
