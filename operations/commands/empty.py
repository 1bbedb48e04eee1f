"""`empty`: remove what blocks a destroy, after the environment's name was given a second time."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from operations.aws.connection import connect
from operations.environment import leftovers
from operations.errors import BadInput
from operations.terminal.arguments import AsJson, EnvironmentName, find_environment, load_specs
from operations.terminal.confirmation import Confirmed, ask, require_same
from operations.terminal.leftovers import summary
from operations.terminal.render import err, out, print_json, say
from specs import hints

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
    leftovers.require_declared(environment)
    require_same(confirm or None, environment.name, _REASON)
    connection = connect(environment)
    found = leftovers.find(connection, specs)
    (err if as_json else out).print(summary(found))
    leftovers.require_deployed(environment, found)
    if found.running and not stop:
        raise BadInput(f"{len(found.running)} executions run: wait for them, or give --stop.")
    if not confirm:
        ask(environment.name, _REASON)
    leftovers.remove(connection, found, say)
    if as_json:
        print_json(asdict(found))
    else:
        out.print(f"Environment {environment.name} is empty. Next: {hints.destroy(environment.name)}")
