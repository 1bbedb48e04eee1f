"""`train`: start the training workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from operations.aws.connection import connect
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, find
from operations.terminal.following import follow_to_success
from operations.terminal.render import out, print_json, say
from operations.workflows import training
from operations.workflows.hyperparameters import overrides, refuse_search
from specs import hints
from specs.training_code import read_hyperparameters


def command(
    environment_name: EnvironmentName,
    model_name: ModelName,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Override a hyperparameter; repeatable.")
    ] = None,
    *,
    tune: Annotated[bool, typer.Option("--tune", help="Search the model's ranges first, then train the best.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the execution to its end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a model on the data set that was uploaded.

    Example: python -m operations train local digits-cnn --set seed=1 --watch
    """
    environment, model = find(environment_name, model_name)
    hyperparameters = overrides(read_hyperparameters(Path.cwd(), model.training.package), assignments or [])
    given: dict[str, Any] = {"hyperparameters": hyperparameters} if hyperparameters else {}
    if tune:
        refuse_search(model, hyperparameters)
        given["tune"] = True
    connection = connect(environment)
    arn = training.start(connection, model, given)
    if watch:
        say(f"Started {arn}")
        follow_to_success(connection, model, arn, as_json=as_json)
    elif as_json:
        print_json({"execution": arn})
    else:
        out.print(arn)
        say(f"Follow it: {hints.watch(environment.name, model.name)}")
