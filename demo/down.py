"""`python -m demo down`: empty the environment, delete its stacks, stop the sandbox."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from demo import cdk, sandbox
from operations.aws.connection import connect
from operations.environment import leftovers, teardown
from operations.terminal.arguments import find_environment, load_specs


def take_down(root: Path, console: Console) -> None:
    """Destroy everything that is deployed, and stop the sandbox.

    Also what another branch declared: the deployed stacks are asked, not the files of this one.

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
    found = leftovers.find(connection, specs)
    leftovers.remove(connection, found, say)
    teardown.delete(connection, found.stacks, say)
    sandbox.down(root, say)
