"""Retained resources that belong to no stack any more, and their way back under it.

A destroyed stack leaves behind what its template retains. CloudFormation keeps the events and the template of a deleted
stack for 90 days ("DescribeStackEvents", "GetTemplate"), so the resources are found by their own stack's record, and
imported with the properties that they had: what the files say differently by now, the next deploy applies.
Source: AWS CloudFormation User Guide, "Import AWS resources into a CloudFormation stack with a resource import".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.aws.connection import Connection
from operations.deployed import stacks
from operations.environment.assembly import Assembly, Identifiers, Resources
from operations.errors import BadInput

_RETAINED = {"Retain", "RetainExceptOnCreate"}
_HOLDS_NOTHING = "ROLLBACK_COMPLETE"  # a creation that failed; CloudFormation can only delete the stack
_NOT_YET = "REVIEW_IN_PROGRESS"  # a change set that was never executed
_ORDER_AND_CONDITION = {"DependsOn", "Condition"}  # may name what is not imported; the next deploy adds them


@dataclass(frozen=True)
class Retained:
    """One resource that a stack left behind; its physical id is the value of its type's primary identifier."""

    logical_id: str
    type_name: str
    physical_id: str


@dataclass(frozen=True)
class Origin:
    """The stack that left resources behind; `deleted` is None while it exists."""

    stack_id: str
    deleted: datetime | None


@dataclass(frozen=True)
class Adoption:
    """The resources to import into one stack.

    `definitions` are their properties as their former stack had them, `failed` is the id of a stack of this name that
    holds nothing and goes first.
    """

    stack: str
    origin: Origin
    resources: tuple[Retained, ...]
    definitions: Resources
    identifiers: Identifiers
    failed: str | None


def find(connection: Connection, assembly: Assembly, chosen: Collection[str]) -> tuple[Adoption, ...]:
    """Look, and change nothing; `chosen` are the ids of deleted stacks to prefer.

    Raises ``BadInput`` with all reasons why there is no way back.
    """
    existing = {stack["StackName"]: stack for stack in _pages(connection, "describe_stacks", "Stacks")}
    deleted = _deleted(connection, chosen)
    held = {
        name: {item["LogicalResourceId"]: item.get("PhysicalResourceId") for item in stacks.resources(connection, name)}
        for name in assembly.files
        if name in existing
    }
    owned = {physical_id for resources in held.values() for physical_id in resources.values()}
    adoptions, problems = [], []
    for name in assembly.files:
        wanted = {
            logical_id: resource["Type"]
            for logical_id, resource in assembly.resources(name).items()
            if resource.get("DeletionPolicy") in _RETAINED and logical_id not in held.get(name, {})
        }
        if not wanted:
            continue
        present = existing.get(name)
        origins = [Origin(present["StackId"], None)] if present else []
        found = _left_behind(connection, [*origins, *deleted.get(name, [])], wanted, owned)
        try:
            if found:
                origin, resources = _newest(name, found)
                adoptions.append(_adoption(connection, assembly, name, origin, resources, present))
        except BadInput as problem:
            problems.append(str(problem))
    if problems:
        raise BadInput("\n".join(problems))
    return tuple(adoptions)


def adopt(connection: Connection, assembly: Assembly, adoption: Adoption) -> None:
    """Import the resources of one stack, after a failed creation of its name is deleted. Raises ``Failed``."""
    if adoption.failed:
        cloudformation = connection.client("cloudformation")
        # The CDK CLI protects a stack before its creation, so a failed one is protected, too.
        cloudformation.update_termination_protection(StackName=adoption.failed, EnableTerminationProtection=False)
        cloudformation.delete_stack(StackName=adoption.failed)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=adoption.failed, WaiterConfig={"Delay": 2})
    assembly.import_resources(adoption.stack, adoption.definitions, adoption.identifiers)


def _deleted(connection: Connection, chosen: Collection[str]) -> dict[str, list[Origin]]:
    """The deleted stacks by name, the newest first; of a name with a chosen one, that one alone."""
    found = list(_pages(connection, "list_stacks", "StackSummaries", StackStatusFilter=["DELETE_COMPLETE"]))
    known = {stack["StackId"] for stack in found}
    if unknown := sorted(set(chosen) - known):
        raise BadInput(f"No deleted stack has the id {', '.join(unknown)}: --from takes the id of a deleted stack.")
    named = {stack["StackName"] for stack in found if stack["StackId"] in chosen}
    by_name: dict[str, list[Origin]] = {}
    for stack in sorted(found, key=lambda stack: stack["DeletionTime"], reverse=True):
        if stack["StackName"] not in named or stack["StackId"] in chosen:
            by_name.setdefault(stack["StackName"], []).append(Origin(stack["StackId"], stack["DeletionTime"]))
    return by_name


def _left_behind(
    connection: Connection, origins: Sequence[Origin], wanted: Mapping[str, str], owned: Collection[str | None]
) -> list[tuple[Origin, tuple[Retained, ...]]]:
    """For each origin the wanted resources that it left behind, and that no stack holds."""
    found = []
    for origin in origins:
        left: dict[str, Retained] = {}
        events = _pages(connection, "describe_stack_events", "StackEvents", StackName=origin.stack_id)
        for event in events:  # the newest first
            name, type_name = event["LogicalResourceId"], event["ResourceType"]
            if event["ResourceStatus"] == "DELETE_SKIPPED" and wanted.get(name) == type_name:
                left.setdefault(name, Retained(name, type_name, event["PhysicalResourceId"]))
        free = tuple(resource for resource in left.values() if resource.physical_id not in owned)
        if free:
            found.append((origin, tuple(sorted(free, key=lambda resource: resource.logical_id))))
    return found


def _newest(stack: str, found: Sequence[tuple[Origin, tuple[Retained, ...]]]) -> tuple[Origin, tuple[Retained, ...]]:
    """The newest origin. Raises ``BadInput`` if an older one left other resources with the same logical ids."""
    origin, resources = found[0]
    physical_ids = {resource.logical_id: resource.physical_id for resource in resources}
    others = [
        other
        for other, left in found[1:]
        if any(physical_ids.get(item.logical_id, item.physical_id) != item.physical_id for item in left)
    ]
    if others:
        ways = [f"  --from {one.stack_id}  deleted {one.deleted:%Y-%m-%d %H:%M} UTC" for one in (origin, *others)]
        sentence = f"Several deleted stacks {stack} left resources behind. Say which ones come back:"
        raise BadInput("\n".join([sentence, *ways]))
    return origin, resources


def _adoption(  # noqa: PLR0917 -- one plan of all that was found
    connection: Connection,
    assembly: Assembly,
    stack: str,
    origin: Origin,
    resources: tuple[Retained, ...],
    present: Mapping[str, Any] | None,
) -> Adoption:
    status = present["StackStatus"] if present else None
    if status and status not in {_HOLDS_NOTHING, _NOT_YET} and ("FAILED" in status or "IN_PROGRESS" in status):
        raise BadInput(f"Stack {stack} is {status}: wait for its operation, or delete the stack, then run this again.")
    former = connection.client("cloudformation").get_template(StackName=origin.stack_id)["TemplateBody"]
    known = former["Resources"] if isinstance(former, dict) else {}
    now = assembly.resources(stack)
    definitions = {
        item.logical_id: {
            name: value
            for name, value in known.get(item.logical_id, now[item.logical_id]).items()
            if name not in _ORDER_AND_CONDITION
        }
        for item in resources
    }
    identifiers = _identifiers(connection, definitions)
    if unknown := sorted({item.type_name for item in resources if item.logical_id not in identifiers}):
        raise BadInput(f"{stack} retains {', '.join(unknown)}, which CloudFormation cannot import.")
    return Adoption(
        stack,
        origin,
        resources,
        definitions,
        {item.logical_id: {identifiers[item.logical_id]: item.physical_id} for item in resources},
        present["StackId"] if present and status == _HOLDS_NOTHING else None,
    )


def _identifiers(connection: Connection, definitions: Resources) -> dict[str, str]:
    """The property that identifies a resource, by logical id, of types that can be imported by one."""
    body = json.dumps({"Resources": definitions})
    summary = connection.client("cloudformation").get_template_summary(TemplateBody=body)
    return {
        logical_id: identifier
        for types in summary["ResourceIdentifierSummaries"]
        for identifier in types["ResourceIdentifiers"][:1]
        if "," not in identifier
        for logical_id in types["LogicalResourceIds"]
    }


def _pages(connection: Connection, operation: str, member: str, **request: Any) -> Iterator[Any]:
    for page in connection.client("cloudformation").get_paginator(operation).paginate(**request):
        yield from page[member]
