"""The way back for resources that a destroy retained: an import under the stack that they came from.

They are imported with the properties that they had in their former stack: CloudFormation keeps its template for 90 days
("GetTemplate"). So the next deploy applies what the files say differently by now. An import itself changes nothing.
Source: AWS CloudFormation User Guide, "Import AWS resources into a CloudFormation stack with a resource import".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from operations.aws.connection import Connection
from operations.deployed import stacks
from operations.environment import left_behind
from operations.environment.assembly import Assembly, Identifiers, Resources
from operations.environment.left_behind import LeftBehind, Origin, Retained
from operations.errors import BadInput

_HOLDS_NOTHING = "ROLLBACK_COMPLETE"  # a creation that failed; CloudFormation can only delete the stack
_READY = {_HOLDS_NOTHING, "REVIEW_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"} | {
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}
_ORDER_AND_CONDITION = {"DependsOn", "Condition"}  # may name what is not imported; the next deploy adds them


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
    every = left_behind.pages(connection, "describe_stacks", "Stacks")
    existing = {stack["StackName"]: stack for stack in every if stack["StackName"] in assembly.files}
    deleted = left_behind.deleted_stacks(connection, chosen)
    held = {name: stacks.resources(connection, name) for name in existing}
    owned = {resource.get("PhysicalResourceId") for resources in held.values() for resource in resources}
    adoptions, problems = [], []
    for name in assembly.files:
        present = {resource["LogicalResourceId"] for resource in held.get(name, [])}
        retained = stacks.retained(assembly.resources(name))
        wanted = {logical_id: kind for logical_id, kind in retained.items() if logical_id not in present}
        own = [Origin(existing[name]["StackId"], None)] if name in existing else []
        found = left_behind.look(connection, [*own, *deleted.get(name, [])], wanted, owned) if wanted else []
        try:
            if found:
                left = left_behind.newest(name, found)
                adoptions.append(_adoption(connection, assembly, name, left, existing.get(name, {})))
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


def _adoption(
    connection: Connection, assembly: Assembly, stack: str, left: LeftBehind, existing: Mapping[str, Any]
) -> Adoption:
    """The plan for one stack. Raises ``BadInput`` for one that is not at rest, and for a type without imports."""
    status = existing.get("StackStatus", _HOLDS_NOTHING)
    if status not in _READY:
        raise BadInput(f"Stack {stack} is {status}: wait for its operation or delete the stack, then run this again.")
    definitions = _definitions(connection, assembly.resources(stack), left)
    identifying = _identifying(connection, definitions)
    if unknown := sorted({item.type_name for item in left.resources if item.logical_id not in identifying}):
        raise BadInput(f"{stack} retains {', '.join(unknown)}, which CloudFormation cannot import.")
    return Adoption(
        stack,
        left.origin,
        left.resources,
        definitions,
        {item.logical_id: {identifying[item.logical_id]: item.physical_id} for item in left.resources},
        existing["StackId"] if existing and status == _HOLDS_NOTHING else None,
    )


def _definitions(connection: Connection, now: Resources, left: LeftBehind) -> Resources:
    """The resources as the former template has them, or else the present one."""
    former = stacks.template_resources(connection, left.origin.stack_id) or {}
    return {
        item.logical_id: {
            name: value
            for name, value in (former.get(item.logical_id) or now[item.logical_id]).items()
            if name not in _ORDER_AND_CONDITION
        }
        for item in left.resources
    }


def _identifying(connection: Connection, definitions: Resources) -> dict[str, str]:
    """The one property that identifies a resource, by logical id, if its type has one.

    Only the types are asked for: a definition may refer to a resource that its stack holds already.
    """
    types = {logical_id: {"Type": definition["Type"]} for logical_id, definition in definitions.items()}
    body = json.dumps({"Resources": types})
    summary = connection.client("cloudformation").get_template_summary(TemplateBody=body)
    return {
        logical_id: identifier
        for types in summary["ResourceIdentifierSummaries"]
        for identifier in types["ResourceIdentifiers"][:1]
        if "," not in identifier
        for logical_id in types["LogicalResourceIds"]
    }
