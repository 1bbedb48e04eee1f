"""`python -m demo`, and `python -m demo down`."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import FrameType

import typer
from botocore.exceptions import BotoCoreError, ClientError

from demo.alone import alone
from demo.down import take_down
from demo.environment import isolate
from demo.processes import CommandFailed
from demo.runner import run_demo
from operations.aws.explain import explain
from operations.errors import OperationError
from operations.terminal.render import out

ROOT = Path(__file__).resolve().parents[1]
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def demo(context: typer.Context) -> None:
    """Deploy, train, release and ask a real endpoint, all on the sandbox.

    Example: python -m demo
    """
    os.chdir(ROOT)  # the specs, build/ and the sandbox's folder are relative to it
    isolate(ROOT)
    # Treat `kill` like Ctrl-C; and Ctrl-C works even if a shell started this in the background with SIGINT ignored.
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _interrupt)
    if context.invoked_subcommand is None:
        with alone("make demo"):
            raise typer.Exit(run_demo(ROOT, out))


@app.command()
def down() -> None:
    """Empty and destroy what the demo deployed, and stop the sandbox.

    Example: python -m demo down
    """
    with alone("make down"):
        take_down(ROOT, out)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line; a failure is one sentence and an exit code."""
    try:
        app()
    except OperationError as error:
        out.print(str(error), markup=False)
        raise SystemExit(error.exit_code) from None
    except CommandFailed as error:
        out.print(f"{error}\nMore is in: {error.log}", markup=False)
        raise SystemExit(1) from None
    except (ClientError, BotoCoreError) as error:
        out.print(explain(error), markup=False)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
