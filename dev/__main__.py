"""`python -m dev`: the commands behind `make dev` and `make diff`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from dev.diff import show
from dev.loop import Loop
from operations.aws.connection import connect
from operations.aws.explain import explain
from operations.errors import OperationError
from specs import SpecError, load

ROOT = Path.cwd()
Environment = Annotated[str, typer.Argument(help="The name of a file in environments/, such as local.")]
console = Console(highlight=False, soft_wrap=True)


def watch(environment: Environment) -> None:
    """Watch models, environments and code; say what an edit changes, and deploy it on Enter.

    Example: make dev ENVIRONMENT=local
    """
    Loop(ROOT, connect(load(ROOT).environment(environment)), console).run()


def diff(
    environment: Environment,
    options: Annotated[list[str] | None, typer.Argument(help="Options for `cdk diff`, after `--`.")] = None,
) -> None:
    """Compare the assembly in cdk.out with what is deployed, and name the other stacks.

    Example: make diff ENVIRONMENT=local
    """
    specs = load(ROOT)
    raise typer.Exit(show(connect(specs.environment(environment)), specs, options or (), console))


def main() -> None:
    """Run the command line; a failure is one sentence and an exit code."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(watch)
    app.command()(diff)
    # A shell that starts this in the background makes it deaf to SIGINT; and `kill` is to end it in order, too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        app()
    except SpecError as error:
        console.print(str(error), markup=False)
        raise SystemExit(2) from None
    except OperationError as error:
        console.print(str(error), markup=False)
        raise SystemExit(error.exit_code) from None
    except (BotoCoreError, ClientError) as error:
        console.print(explain(error), markup=False)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
