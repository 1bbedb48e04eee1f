"""The CloudFormation stacks of an environment, their outputs and resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import is_missing
from operations.errors import Failed
from specs import hints, names

_RETAINED = {"Retain", "RetainExceptOnCreate"}


@dataclass(frozen=True)
class StackState:
    """One stack of an environment; `declared` is false without a TOML file of its model."""

    name: str
    status: str
    declared: bool


def outputs(connection: Connection, stack: str) -> dict[str, str] | None:
    """The outputs of a stack by their keys; None if it is not deployed."""
    found = _described(connection, stack)
    return None if found is None else {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}


def status(connection: Connection, stack: str) -> str | None:
    """The status of a stack; None if it is not deployed."""
    found = _described(connection, stack)
    return None if found is None else found["StackStatus"]


def _described(connection: Connection, stack: str) -> dict[str, Any] | None:
    try:
        return connection.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def output(connection: Connection, stack: str, key: str) -> str:
    """One output of a deployed stack. Raises ``Failed`` with the command that deploys it."""
    deploy = hints.deploy(connection.environment.name)
    found = outputs(connection, stack)
    if found is None:
        raise Failed(f"Stack {stack} is not deployed: run `{deploy}`.")
    if key not in found:
        raise Failed(f"Stack {stack} has no output {key}; its deploy did not finish: run `{deploy}`.")
    return found[key]


def resources(connection: Connection, stack: str) -> list[dict[str, Any]]:
    """The resources of a stack that exist, as CloudFormation lists them."""
    pages = connection.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    found = [item for page in pages for item in page["StackResourceSummaries"]]
    return [item for item in found if item["ResourceStatus"] != "DELETE_COMPLETE"]


def template(connection: Connection, stack: str) -> dict[str, Any] | None:
    """The template of a deployed stack; None without one, or for one in YAML."""
    try:
        return _template(connection, stack)
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def template_resources(connection: Connection, stack: str) -> dict[str, Any] | None:
    """The resources of a stack's template by logical id; a deleted stack has its id.

    None for a template in YAML: the CDK imports by such a template, and deploys JSON.
    """
    found = _template(connection, stack)
    return None if found is None else found["Resources"]


def _template(connection: Connection, stack: str) -> dict[str, Any] | None:
    body = connection.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    return body if isinstance(body, dict) else None


def retained(resources: Mapping[str, Any]) -> dict[str, str]:
    """The types of the resources that outlive their stack, by logical id."""
    kept = {name: item for name, item in resources.items() if item.get("DeletionPolicy") in _RETAINED}
    return {name: item["Type"] for name, item in kept.items()}


def existing(connection: Connection, environments: Iterable[str], models: Iterable[str]) -> tuple[StackState, ...]:
    """The environment's stacks that exist, by name; `environments` and `models` are all declared ones.

    A stack with another environment's tag is left out: that one may be declared on another branch only.
    """
    pages = connection.client("cloudformation").get_paginator("describe_stacks").paginate()
    found = [stack for page in pages for stack in page["Stacks"]]
    own = [stack for stack in found if _environment(stack) in (None, connection.environment.name)]
    statuses = {stack["StackName"]: stack["StackStatus"] for stack in own}
    return classify(statuses, connection.environment.name, environments, models)


def _environment(stack: dict[str, Any]) -> str | None:
    """The environment that a stack's tag names."""
    return next((tag["Value"] for tag in stack.get("Tags", []) if tag["Key"] == names.ENVIRONMENT_TAG), None)


def classify(
    statuses: dict[str, str], environment: str, environments: Iterable[str], models: Iterable[str]
) -> tuple[StackState, ...]:
    """The stacks of this environment among all of an account's, given as statuses by name."""
    declared = {names.network_stack(environment), names.foundation_stack(environment)} | {
        stack for model in models for stack in names.model_stacks(environment, model)
    }
    others = tuple(environments)
    return tuple(
        StackState(name, status, name in declared)
        for name, status in sorted(statuses.items())
        if names.belongs(name, environment, others) and status != "DELETE_COMPLETE"
    )
