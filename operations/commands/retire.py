"""`retire`: remove a model from an environment, whether a file declares it or not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from operations.aws.connection import connect
from operations.environment import leftovers, teardown
from operations.environment.leftovers import Leftovers
from operations.errors import BadInput
from operations.terminal.arguments import AsJson, EnvironmentName, find_environment, load_specs
from operations.terminal.confirmation import Confirmed, ask, require_same
from operations.terminal.leftovers import summary
from operations.terminal.render import err, out, print_json, say
from operations.workflows import executions
from specs import Specs

_REASON = "Retiring a model deletes its stacks and its endpoint"
DeployedModel = Annotated[str, typer.Argument(metavar="MODEL", help="A deployed model, declared or not.")]


def command(
    environment_name: EnvironmentName,
    model_name: DeployedModel,
    confirm: Confirmed = "",
    stop: Annotated[bool, typer.Option("--stop", help="Stop running executions; otherwise they refuse it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a model's stacks and its endpoint; and its versions, unless the environment retains data.

    Take its file out of models/ first: else the next deploy brings it back. Its data and records stay
    (docs/retire.md).

    Example: python -m operations retire local digits-gan --confirm local
    """
    specs = load_specs()
    environment = find_environment(specs, environment_name)
    require_same(confirm or None, environment.name, _REASON)
    connection = connect(environment)
    found = leftovers.of_model(connection, model_name)
    if not found.stacks:
        raise BadInput(f"No stack of a model {model_name!r} is deployed in {environment.name}.")
    teardown.require_unprotected(connection, found.stacks)
    (err if as_json else out).print(summary(found))
    if found.running and not stop:
        raise BadInput(f"{len(found.running)} executions run: wait for them, or give --stop.")
    if not confirm:
        ask(environment.name, _REASON)
    if found.retaining:
        for arn in found.running:
            executions.stop(connection, arn, "the model is being retired")
    else:
        leftovers.remove(connection, found, say)
    teardown.delete(connection, found.stacks, say)
    if as_json:
        print_json(asdict(found))
    else:
        out.print(_result(found, specs, model_name))


def _result(found: Leftovers, specs: Specs, model: str) -> str:
    kept = f" Retained: what {', '.join(found.retaining)} declares so." if found.retaining else ""
    declared = any(each.name == model for each in specs.models)
    again = f" But models/{model}.toml declares it: the next deploy brings it back." if declared else ""
    return f"{model} is retired from {found.environment}.{kept} Its data and records stay: docs/retire.md.{again}"
