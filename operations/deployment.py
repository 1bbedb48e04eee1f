"""What is deployed: stacks and their outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.errors import Failed
from operations.explain import is_missing
from specs import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from operations.aws import Connection


@dataclass(frozen=True)
class StackState:
    """One stack of an environment; `declared` is false for one whose model has no TOML any more."""

    name: str
    status: str
    declared: bool


def outputs(connection: Connection, stack: str) -> dict[str, str] | None:
    """The outputs of a stack by their keys, None if it is not deployed."""
    try:
        found = connection.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}


def deploy_command(environment: str) -> str:
    """The command that deploys an environment, to name it in a message."""
    return f"cdk deploy --all -c environment={environment}"


def output(connection: Connection, stack: str, key: str) -> str:
    """One output of a stack that has to be there. Raises ``Failed`` with the command that deploys it."""
    deploy = deploy_command(connection.environment.name)
    found = outputs(connection, stack)
    if found is None:
        raise Failed(f"Stack {stack} is not deployed: run `{deploy}`.")
    if key not in found:
        raise Failed(f"Stack {stack} has no output {key}; its deploy did not finish: run `{deploy}`.")
    return found[key]


def stacks(connection: Connection, environments: Iterable[str], models: Iterable[str]) -> tuple[StackState, ...]:
    """The environment's stacks that exist, by name."""
    pages = connection.client("cloudformation").get_paginator("describe_stacks").paginate()
    statuses = {stack["StackName"]: stack["StackStatus"] for page in pages for stack in page["Stacks"]}
    return classify(statuses, connection.environment.name, environments, models)


def classify(
    statuses: dict[str, str], environment: str, environments: Iterable[str], models: Iterable[str]
) -> tuple[StackState, ...]:
    """Which stacks of an account are this environment's, and which of those no TOML declares."""
    declared = {names.network_stack(environment), names.foundation_stack(environment)} | {
        stack for model in models for stack in names.model_stacks(environment, model)
    }
    others = tuple(environments)
    return tuple(
        StackState(name, status, name in declared)
        for name, status in sorted(statuses.items())
        if names.belongs(name, environment, others) and status != "DELETE_COMPLETE"
    )
