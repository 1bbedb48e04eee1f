"""The words by which a person chooses an execution of a training workflow."""

from __future__ import annotations

import re
from itertools import islice

from operations.aws.connection import Connection
from operations.deployed import registry
from operations.errors import BadInput, Failed
from operations.workflows import executions, training
from operations.workflows.artifacts import SEARCHED, newest_with
from operations.workflows.executions import short_name
from specs import hints, names

LAST, PREVIOUS = "last", "previous"
WORDS = f"{LAST}, {PREVIOUS}, an execution's name or ARN, or v and a version, such as v3"


def find(connection: Connection, model: str, word: str) -> str:
    """Find the ARN of an execution by one of WORDS. Raises ``BadInput`` or ``Failed``."""
    if word in (LAST, PREVIOUS):
        return _evaluated(connection, model, word)
    if version := re.fullmatch(r"v([1-9]\d*)", word):
        return _of_version(connection, model, int(version[1]))
    workflow = training.state_machine(connection, model)
    arn = f"{workflow.replace(':stateMachine:', ':execution:')}:{short_name(word)}"
    if word.startswith("arn:") and word != arn:
        raise BadInput(f"{word} is not an execution of {workflow}.")
    try:
        executions.describe(connection, arn)
    except BadInput:
        newest = ", ".join(map(short_name, islice(executions.newest_first(connection, workflow), 5))) or "none"
        raise BadInput(f"{model} has no execution {word!r}; write {WORDS}. The newest are: {newest}.") from None
    return arn


def _evaluated(connection: Connection, model: str, word: str) -> str:
    found = list(islice(newest_with(connection, model, names.EVALUATION), 2))
    position = 0 if word == LAST else 1
    if len(found) <= position:
        count = "No execution" if not found else "Only one execution"
        train = hints.train(connection.environment.name, model)
        raise Failed(f"{count} of {model} was evaluated (of the newest {SEARCHED}): run `{train}`.")
    return found[position]


def _of_version(connection: Connection, model: str, number: int) -> str:
    group = names.model_package_group(connection.environment.name, model)
    package = registry.find(registry.versions(connection, group), number, group)
    arn = registry.maker(connection, package)
    if not arn:
        raise Failed(f"Version {number} of {group} does not name the execution that made it.")
    return arn
