"""Resources that a deleted stack left behind, found in its events.

CloudFormation keeps the events of a deleted stack for 90 days ("DescribeStackEvents"), whatever the resource's type;
CloudFormation's own tags on resources would not do: keys, aliases and roles have none (registry schemas, "tagging").
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.aws.connection import Connection
from operations.errors import BadInput


@dataclass(frozen=True)
class Retained:
    """One resource; its physical id is the value of its type's primary identifier."""

    logical_id: str
    type_name: str
    physical_id: str


@dataclass(frozen=True)
class Origin:
    """The stack that left resources behind; `deleted` is None while it exists."""

    stack_id: str
    deleted: datetime | None


@dataclass(frozen=True)
class LeftBehind:
    origin: Origin
    resources: tuple[Retained, ...]


def deleted_stacks(connection: Connection, chosen: Collection[str]) -> dict[str, list[Origin]]:
    """The deleted stacks by name, the newest first.

    Of a name with a chosen id, it is that stack alone. Raises ``BadInput`` for an id of no deleted stack.
    """
    found = list(pages(connection, "list_stacks", "StackSummaries", StackStatusFilter=["DELETE_COMPLETE"]))
    if unknown := sorted(set(chosen) - {stack["StackId"] for stack in found}):
        raise BadInput(f"--from {unknown[0]} is the id of no stack that was deleted in the last 90 days.")
    named = {stack["StackName"] for stack in found if stack["StackId"] in chosen}
    by_name: dict[str, list[Origin]] = {}
    for stack in sorted(found, key=lambda stack: stack["DeletionTime"], reverse=True):
        if stack["StackName"] not in named or stack["StackId"] in chosen:
            by_name.setdefault(stack["StackName"], []).append(Origin(stack["StackId"], stack["DeletionTime"]))
    return by_name


def look(
    connection: Connection, origins: Sequence[Origin], wanted: Mapping[str, str], owned: Collection[str | None]
) -> list[LeftBehind]:
    """Look for wanted resources that an origin left behind, and that no stack owns.

    `wanted` are their types by logical id, `owned` the physical ids of existing stacks.
    """
    found = []
    for origin in origins:
        left: dict[str, Retained] = {}
        events = pages(connection, "describe_stack_events", "StackEvents", StackName=origin.stack_id)
        for event in events:  # the newest first
            name, type_name = event["LogicalResourceId"], event["ResourceType"]
            if event["ResourceStatus"] == "DELETE_SKIPPED" and wanted.get(name) == type_name:
                left.setdefault(name, Retained(name, type_name, event["PhysicalResourceId"]))
        free = [resource for resource in left.values() if resource.physical_id not in owned]
        if free:
            found.append(LeftBehind(origin, tuple(sorted(free, key=lambda resource: resource.logical_id))))
    return found


def newest(stack: str, found: Sequence[LeftBehind]) -> LeftBehind:
    """The newest. Raises ``BadInput`` if an older stack left other resources with the same logical ids."""
    physical_ids = {resource.logical_id: resource.physical_id for resource in found[0].resources}
    others = [
        left
        for left in found[1:]
        if any(physical_ids.get(item.logical_id, item.physical_id) != item.physical_id for item in left.resources)
    ]
    if others:
        ways = [
            f"  --from {left.origin.stack_id}  "
            + ", ".join(f"{item.logical_id} {item.physical_id}" for item in left.resources)
            for left in (found[0], *others)
        ]
        sentence = f"Several deleted stacks {stack} left resources behind. Say which ones come back:"
        raise BadInput("\n".join([sentence, *ways]))
    return found[0]


def pages(connection: Connection, operation: str, member: str, **request: Any) -> Iterator[Any]:
    """The items of all pages of a CloudFormation operation."""
    for page in connection.client("cloudformation").get_paginator(operation).paginate(**request):
        yield from page[member]
