"""The instance type that an endpoint's automatic scaling is on for: a parameter of its serving stack."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import is_missing
from operations.errors import Failed
from specs import hints, names

_NOTHING_TO_DO = "No updates are to be performed"


def scaled_type(connection: Connection, stack: str) -> str:
    """The instance type, or empty while scaling is off. Raises ``Failed`` if the stack scales nothing."""
    found = _parameters(_described(connection, stack))
    if names.SCALED_TYPE not in found:
        deploy = hints.deploy(connection.environment.name)
        raise Failed(f"Stack {stack} scales nothing yet, so nothing stands in the way: run `{deploy}`.")
    return found[names.SCALED_TYPE]


def is_off(connection: Connection, stack: str) -> bool:
    """Tell whether scaling that a deployed stack declares is off: during a `resize`, or after one that was killed."""
    return _parameters(_described(connection, stack)).get(names.SCALED_TYPE) == ""


def scale_as(connection: Connection, stack: str, instance_type: str, report: Callable[[str], None]) -> None:
    """Switch scaling on for an instance type, or off if it is empty, and wait.

    The update keeps the deployed template and all other parameters. Raises ``Failed`` with the stack's status.
    """
    before = settled(connection, stack, report)
    kept = [{"ParameterKey": key, "UsePreviousValue": True} for key in _parameters(before) if key != names.SCALED_TYPE]
    try:
        connection.client("cloudformation").update_stack(
            StackName=stack,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": names.SCALED_TYPE, "ParameterValue": instance_type}, *kept],
        )
    except ClientError as error:
        if _NOTHING_TO_DO in str(error):
            return
        raise
    status = settled(connection, stack, report)["StackStatus"]
    if status != "UPDATE_COMPLETE":
        raise Failed(f"Stack {stack} ended as {status}: see its events for the reason.")


def settled(connection: Connection, stack: str, report: Callable[[str], None]) -> dict[str, Any]:
    """The stack's description, once no operation is under way.

    `report` gets a sentence about each operation that is waited for.
    """
    told = ""
    while (status := (found := _described(connection, stack))["StackStatus"]).endswith("_IN_PROGRESS"):
        if status != told:
            report(f"Waiting for {stack}, which is {status}.")
            told = status
        time.sleep(1)
    return found


def _described(connection: Connection, stack: str) -> dict[str, Any]:
    try:
        return connection.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if is_missing(error):
            deploy = hints.deploy(connection.environment.name)
            raise Failed(f"Stack {stack} is not deployed: run `{deploy}`.") from None
        raise


def _parameters(stack: dict[str, Any]) -> dict[str, str]:
    return {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])}
