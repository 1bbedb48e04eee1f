"""Which execution of a training workflow a word means."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from operations import executions, registry
from operations.errors import BadInput, Failed
from operations.evaluations import LOOKED_AT, newest_with, short, state_machine
from specs import names

if TYPE_CHECKING:
    from operations.aws import Connection

LAST, PREVIOUS = "last", "previous"
WORDS = f"{LAST}, {PREVIOUS}, an execution's name or ARN, or v and a version, such as v3"


def find(connection: Connection, model: str, word: str) -> str:
    """The ARN of the execution that a word means: one of WORDS. Raises ``BadInput`` or ``Failed``."""
    if word in (LAST, PREVIOUS):
        return _evaluated(connection, model, word)
    if version := re.fullmatch(r"v([1-9]\d*)", word):
        return _of_version(connection, model, int(version[1]))
    workflow = state_machine(connection, model)
    arn = f"{workflow.replace(':stateMachine:', ':execution:')}:{short(word)}"
    if word.startswith("arn:") and word != arn:
        raise BadInput(f"{word} is no execution of {workflow}.")
    try:
        executions.describe(connection, arn)
    except BadInput:
        newest = ", ".join(map(short, islice(executions.newest_first(connection, workflow), 5))) or "none"
        raise BadInput(f"{model} has no execution {word!r}; write {WORDS}. The newest are: {newest}.") from None
    return arn


def _evaluated(connection: Connection, model: str, word: str) -> str:
    found = list(islice(newest_with(connection, model, names.EVALUATION), 2))
    place = 0 if word == LAST else 1
    if len(found) <= place:
        count = "No execution" if not found else "Only one execution"
        train = f"python -m operations train {connection.environment.name} {model}"
        raise Failed(f"{count} of {model} was evaluated (of the newest {LOOKED_AT}): run `{train}`.")
    return found[place]


def _of_version(connection: Connection, model: str, number: int) -> str:
    group = names.model_package_group(connection.environment.name, model)
    package = registry.find(registry.versions(connection, group), number, group)
    described = connection.client("sagemaker").describe_model_package(ModelPackageName=package.arn)
    arn = described.get("CustomerMetadataProperties", {}).get("execution")
    if not arn:
        raise Failed(f"Version {number} of {group} does not say which execution made it.")
    return arn
