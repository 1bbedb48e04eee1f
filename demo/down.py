"""`python -m demo down`: empty the environment, destroy its stacks, stop the sandbox."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from demo import cdk, sandbox
from operations import empty, leftovers
from operations.arguments import find_environment, load_specs
from operations.aws import connect


def take_down(root: Path, console: Console) -> None:
    """Undo what the demo did; a sandbox that is down is started for it, for it keeps what was deployed.

    What fails is raised, and leaves the sandbox up to look into.
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
    empty.clear(connection, leftovers.find(connection, specs))
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
