"""The deletion of deployed stacks, declared or not, in the order of their imports.

Stacks of a model that no file declares any more are in no cloud assembly, so `cdk destroy` does not know them.

Sources: AWS CloudFormation User Guide, "Get exported outputs from a deployed CloudFormation stack" (an export cannot be
deleted while a stack imports it); API Reference, "DeleteStack" (without a role, the stack's own one is used).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.deployed import stacks
from operations.environment import left_behind
from operations.errors import BadInput, Failed
from specs import hints

POLL_SECONDS = 1.0


def require_unprotected(connection: Connection, names: Collection[str]) -> None:
    """Require that no stack is protected. Raises ``BadInput`` with the command that lifts the protection of each."""
    every = left_behind.pages(connection, "describe_stacks", "Stacks")
    protected = [stack["StackName"] for stack in every if stack.get("EnableTerminationProtection")]
    if found := sorted(set(protected) & set(names)):
        commands = "\n".join(f"    {hints.lift_protection(stack)}" for stack in found)
        raise BadInput(
            f"Nothing was removed: these stacks are protected: {', '.join(found)}. To let them go:\n{commands}"
        )


def delete(connection: Connection, names: Collection[str], report: Callable[[str], None]) -> None:
    """Delete stacks, those first that no other one imports from.

    `report` gets a sentence for each. Raises ``Failed`` with the first reason of a stack that cannot be deleted.
    """
    left, cloudformation = set(names), connection.client("cloudformation")
    while left:
        importers = _importers(connection, left)
        free = sorted(left - importers.keys())
        if not free:
            stack, others = next(iter(sorted(importers.items())))
            raise Failed(f"Stack {stack} stays: {', '.join(sorted(others))} imports from it. Delete that one first.")
        for stack in free:
            report(f"destroying {stack}")
            cloudformation.delete_stack(StackName=stack)
        for stack in free:
            _await_end(connection, stack)
        left -= set(free)


def _importers(connection: Connection, exporters: Collection[str]) -> Mapping[str, set[str]]:
    """The stacks that import from each of these, for those that any stack imports from."""
    found: dict[str, set[str]] = {}
    for export in left_behind.pages(connection, "list_exports", "Exports"):
        stack = export["ExportingStackId"].split("/")[1]
        if stack in exporters and (importing := _imports(connection, export["Name"])):
            found.setdefault(stack, set()).update(importing)
    return found


def _imports(connection: Connection, export: str) -> list[str]:
    """The stacks that import an export. CloudFormation answers with an error if no stack does ("ListImports")."""
    try:
        return list(left_behind.pages(connection, "list_imports", "Imports", ExportName=export))
    except ClientError as error:
        if "is not imported by any stack" in str(error):
            return []
        raise


def _await_end(connection: Connection, stack: str) -> None:
    """Wait for the end of a deletion. Raises ``Failed`` with its first reason."""
    while (status := stacks.status(connection, stack)) not in (None, "DELETE_COMPLETE"):
        if status == "DELETE_FAILED":
            raise Failed(f"Stack {stack} ended as DELETE_FAILED: {_reason(connection, stack)}")
        time.sleep(POLL_SECONDS)


def _reason(connection: Connection, stack: str) -> str:
    events: list[Any] = list(left_behind.pages(connection, "describe_stack_events", "StackEvents", StackName=stack))
    failed = [event for event in events if event["ResourceStatus"] == "DELETE_FAILED"]
    told = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed]
    return told[-1] if told else "its events give no reason"
