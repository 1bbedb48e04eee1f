"""`empty`: remove what blocks a destroy, after the environment's name was given a second time."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from operations import executions, leftovers
from operations.arguments import AsJson, EnvironmentName, find_environment, load_specs
from operations.aws import connect
from operations.errors import BadInput
from operations.render import err, out, print_json, say, table

if TYPE_CHECKING:
    from operations.aws import Connection
    from operations.leftovers import Leftovers


def command(
    environment: EnvironmentName,
    confirm: Annotated[str, typer.Option("--confirm", metavar="ENVIRONMENT", help="The name again.")] = "",
    stop: Annotated[bool, typer.Option("--stop", help="Stop executions that run, instead of refusing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove objects, model versions, retained models and configurations; `cdk destroy` can follow.

    Example: python -m operations empty local --confirm local
    """
    specs = load_specs()
    place = find_environment(specs, environment)
    require_same(confirm or None, environment)
    connection = connect(place)
    found = leftovers.find(connection, specs)
    out_or_err = err if as_json else out
    out_or_err.print(summary(found))
    if found.running and not stop:
        raise BadInput(f"{len(found.running)} executions run: wait for them, or give --stop.")
    if not confirm:
        ask(environment)
    clear(connection, found)
    if as_json:
        print_json(asdict(found))
    else:
        out.print(f"Environment {environment} is empty. Next: cdk destroy --all -c environment={environment}")


def clear(connection: Connection, found: Leftovers) -> None:
    """Stop what runs, then remove everything that was found."""
    for arn in found.running:
        executions.stop(connection, arn, "the environment is being emptied")
    leftovers.remove(connection, found, say)


def require_same(confirmed: str | None, environment: str) -> None:
    """Raise ``BadInput`` unless the name was confirmed, or can still be asked for on a terminal."""
    if confirmed is None and not sys.stdin.isatty():
        raise BadInput(f"Emptying cannot be undone: confirm it with --confirm {environment}.")
    if confirmed not in (None, environment):
        raise BadInput(
            f"--confirm {confirmed} is not the environment's name: to empty it, give --confirm {environment}."
        )


def ask(environment: str) -> None:
    """Have the name typed. Raises ``BadInput`` if it is another one."""
    typed = typer.prompt(f"This cannot be undone. Type the environment's name ({environment}) to go on", err=True)
    require_same(typed, environment)


def summary(found: Leftovers) -> object:
    """What will be removed, as a table."""
    rows = [
        *(("bucket", bucket, f"{count} object versions") for bucket, count in found.objects.items()),
        *(("model package group", group, f"{len(arns)} versions") for group, arns in found.packages.items()),
        *(("endpoint configuration", name, "retained, does not serve") for name in found.configurations),
        *(("model", name, "retained, does not serve") for name in found.models),
        *(("execution", arn, "runs: will be stopped") for arn in found.running),
    ]
    return table(f"To remove from {found.environment}", ("what", "name", ""), rows)
