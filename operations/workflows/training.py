"""Training executions: their workflow, the newest one, and the start of another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from operations.aws.connection import Connection
from operations.deployed.stacks import output
from operations.errors import Failed
from operations.uploads.data_set import missing_data
from operations.workflows import executions
from operations.workflows.commit import commit
from specs import ModelSpec, hints, names


def state_machine(connection: Connection, model: str) -> str:
    """The ARN of the model's training workflow. Raises ``Failed`` if it is not deployed."""
    return output(connection, names.training_stack(connection.environment.name, model), "StateMachineArn")


def newest(connection: Connection, model: str) -> str:
    """The ARN of the execution that was started last. Raises ``Failed`` if the model was never trained."""
    arn = executions.newest(connection, state_machine(connection, model))
    if arn is None:
        train = hints.train(connection.environment.name, model)
        raise Failed(f"{model} was never trained here: run `{train}`.")
    return arn


def start(connection: Connection, model: ModelSpec, given: dict[str, Any]) -> str:
    """Start the training workflow; returns the execution's ARN. Raises ``Failed`` without data or without a deploy.

    `given` is the execution's input; the commit of the checkout is added.
    """
    workflow = state_machine(connection, model.name)
    if missing := missing_data(connection, model):
        raise Failed(
            f"The data bucket lacks {', '.join(missing)} of data set {model.data.dataset}: "
            f"run `{hints.upload(connection.environment.name, model.name, 'FOLDER')}`."
        )
    found = commit(Path.cwd())
    return executions.start(connection, workflow, given | ({"commit": found} if found else {}))
