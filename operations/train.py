"""`train`: start the training workflow."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operations import checkout, executions, watch
from operations.arguments import AsJson, EnvironmentName, ModelName, find_environment, find_model, load_specs
from operations.aws import connect
from operations.deployment import output
from operations.errors import BadInput, Failed
from operations.render import out, print_json, say
from operations.upload import missing_data
from specs import names

if TYPE_CHECKING:
    from operations.aws import Connection
    from specs import ModelSpec

_TRUTH = {"true": True, "false": False}


def overrides(model: ModelSpec, assignments: list[str]) -> dict[str, Any]:
    """Hyperparameters from "name=value", each of its declared type. Raises ``BadInput`` naming all that are refused."""
    parsed = [_assignment(model, text) for text in assignments]
    if refused := [fault for fault in parsed if isinstance(fault, str)]:
        raise BadInput("\n".join(refused))
    return dict(pair for pair in parsed if not isinstance(pair, str))


def searched(model: ModelSpec, hyperparameters: dict[str, Any]) -> None:
    """Raises ``BadInput`` if the model declares no search, or if one of these values is searched."""
    tuning = model.training.tuning
    if tuning is None:
        raise BadInput(
            f"--tune: {model.name} declares no search for hyperparameters. Write [training.tuning] in "
            f"models/{model.name}.toml (models/digits-cnn.toml has one), and deploy."
        )
    if both := sorted(set(hyperparameters) & set(tuning.ranges)):
        raise BadInput(f"--tune searches {', '.join(both)}: leave out --set {both[0]}=…, or leave out --tune.")


def train(connection: Connection, model: ModelSpec, given: dict[str, Any]) -> str:
    """Start the training workflow; returns the execution's ARN. Raises ``Failed`` without data or without a deploy.

    `given` is the execution's input; the commit is added.
    """
    environment = connection.environment.name
    state_machine = output(connection, names.training_stack(environment, model.name), "StateMachineArn")
    if missing := missing_data(connection, model):
        raise Failed(
            f"The data bucket lacks {', '.join(missing)} of data set {model.data.dataset}: "
            f"run `python -m operations upload {environment} {model.name} FOLDER`."
        )
    found = checkout.commit(Path.cwd())
    return executions.start(connection, state_machine, given | ({"commit": found} if found else {}))


def command(
    environment: EnvironmentName,
    model: ModelName,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Override a hyperparameter; repeatable.")
    ] = None,
    *,
    tune: Annotated[bool, typer.Option("--tune", help="Search the model's ranges first, then train the best.")] = False,
    then_watch: Annotated[bool, typer.Option("--watch", help="Follow the execution to its end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a model on the data set that was uploaded.

    Example: python -m operations train local digits-cnn --set epochs=1 --watch
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    hyperparameters = overrides(spec, assignments or [])
    given: dict[str, Any] = {"hyperparameters": hyperparameters} if hyperparameters else {}
    if tune:
        searched(spec, hyperparameters)
        given["tune"] = True
    connection = connect(place)
    arn = train(connection, spec, given)
    if then_watch:
        say(f"Started {arn}")
        watch.to_the_end(connection, arn, as_json=as_json)
    elif as_json:
        print_json({"execution": arn})
    else:
        out.print(arn)
        say(f"Follow it: python -m operations watch {environment} {model}")


def _assignment(model: ModelSpec, text: str) -> tuple[str, Any] | str:
    """A name with its value, or the sentence that refuses it."""
    name, equals, value = text.partition("=")
    declared = model.training.hyperparameters
    if not equals:
        return f"--set {text}: write NAME=VALUE, such as {next(iter(declared), 'epochs')}=1."
    if name not in declared:
        near = difflib.get_close_matches(name, declared, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"--set {text}: {model.name} has no hyperparameter {name!r}; it has {', '.join(declared)}.{hint}"
    try:
        return name, _converted(value, declared[name])
    except (ValueError, KeyError):
        kind = type(declared[name]).__name__
        return f"--set {text}: {name} is of type {kind} in models/{model.name}.toml, and {value!r} is none."


def _converted(value: str, declared: str | int | float | bool) -> str | int | float | bool:
    return _TRUTH[value] if isinstance(declared, bool) else type(declared)(value)
