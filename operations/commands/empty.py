"""`empty`: remove what blocks a destroy, after the environment's name was given a second time."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from operations.aws.connection import connect
from operations.deployed.stacks import deploy_command
from operations.environment import leftovers
from operations.environment.leftovers import Leftovers
from operations.errors import BadInput
from operations.terminal.arguments import AsJson, EnvironmentName, find_environment, load_specs
from operations.terminal.confirmation import Confirmed, ask, require_same
from operations.terminal.render import err, out, print_json, say, table
from specs import EnvironmentSpec

_REASON = "Emptying cannot be undone"


def command(
    environment_name: EnvironmentName,
    confirm: Confirmed = "",
    stop: Annotated[bool, typer.Option("--stop", help="Stop running executions; otherwise they refuse it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove objects, model versions, retained models and configurations; then `cdk destroy` can follow.

    An environment that retains its data is not emptied: declare `retention.data = "destroy"` and deploy it first.

    Example: python -m operations empty local --confirm local
    """
    specs = load_specs()
    environment = find_environment(specs, environment_name)
    if environment.retention.data == "retain":
        raise BadInput(_kept(environment, "declares"))
    require_same(confirm or None, environment.name, _REASON)
    connection = connect(environment)
    found = leftovers.find(connection, specs)
    (err if as_json else out).print(summary(found))
    if found.retaining:
        raise BadInput(_kept(environment, f"was deployed to {', '.join(found.retaining)} with"))
    if found.running and not stop:
        raise BadInput(f"{len(found.running)} executions run: wait for them, or give --stop.")
    if not confirm:
        ask(environment.name, _REASON)
    leftovers.remove(connection, found, say)
    if as_json:
        print_json(asdict(found))
    else:
        out.print(f"Environment {environment.name} is empty. Next: cdk destroy --all -c environment={environment.name}")


def _kept(environment: EnvironmentSpec, how: str) -> str:
    file, deploy = f"environments/{environment.name}.toml", deploy_command(environment.name)
    return (
        f'Nothing was removed: {file} {how} [retention] data = "retain". If data, key and registry shall go, write '
        f'data = "destroy" there, have that reviewed, run `{deploy}`, then run this again. To destroy the stacks and '
        "keep the data: docs/destroy.md."
    )


def summary(found: Leftovers) -> Table:
    """A table of everything that will be removed."""
    rows = [
        *(("bucket", bucket, f"{count} object versions") for bucket, count in found.objects.items()),
        *(("model package group", group, f"{len(arns)} versions") for group, arns in found.packages.items()),
        *(("endpoint configuration", name, "retained, does not serve") for name in found.configurations),
        *(("model", name, "retained, does not serve") for name in found.models),
        *(("execution", arn, "runs: will be stopped") for arn in found.running),
    ]
    return table(f"To remove from {found.environment}", ("what", "name", ""), rows)
