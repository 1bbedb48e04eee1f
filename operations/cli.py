"""The command line: registers the commands, and turns every failure into a sentence with an exit code."""

from __future__ import annotations

import typer
from botocore.exceptions import BotoCoreError, ClientError

from operations.aws.explain import explain
from operations.commands import (
    adopt,
    approve,
    compare,
    costs,
    empty,
    invoke,
    logs,
    reject,
    report,
    resize,
    retention,
    retire,
    rollback,
    status,
    tracking,
    train,
    upload,
    watch,
)
from operations.errors import OperationError
from operations.terminal.render import say
from specs import hints

app = typer.Typer(
    help=f"Work with a deployed system, on AWS or on the sandbox.\n\nExample: {hints.status('local')}",
    epilog="Exit codes: 0 done, 1 the operation failed, 2 bad input, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_COMMANDS = (
    *(upload, train, watch, logs, report, compare, approve, reject, status, tracking, rollback, invoke),
    *(resize, retention, empty, retire, adopt, costs),
)
for command in _COMMANDS:
    app.command(command.__name__.rpartition(".")[2])(command.command)


def main() -> None:
    """Run a command; print a curable failure as one sentence on standard error, without traceback."""
    try:
        app()
    except OperationError as error:
        say(str(error))
        raise SystemExit(error.exit_code) from None
    except (BotoCoreError, ClientError) as error:
        say(explain(error))
        raise SystemExit(1) from None
