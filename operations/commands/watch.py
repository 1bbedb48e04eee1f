"""`watch`: follow a training or release execution to its end."""

from __future__ import annotations

from typing import Annotated

import typer

from operations.aws.connection import connect
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, find
from operations.terminal.following import follow_to_success
from operations.terminal.render import say
from operations.workflows import training
from specs import hints


def command(
    environment_name: EnvironmentName,
    model_name: ModelName,
    execution: Annotated[str | None, typer.Option("--execution", metavar="ARN", help="Default: the last one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follow an execution to its end; exit code 1 if it fails. Ctrl-C ends only the following.

    Example: python -m operations watch local digits-cnn
    """
    environment, model = find(environment_name, model_name)
    connection = connect(environment)
    arn = execution or training.newest(connection, model.name)
    follow_to_success(connection, model, arn, as_json=as_json)
    if execution is None and not as_json:
        say(f"Its report: {hints.report(environment.name, model.name)}")
