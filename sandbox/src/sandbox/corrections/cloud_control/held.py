"""The resources that stacks hold, as Cloud Control sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloud_control.errors import (
    ResourceNotFoundException,
    TypeNotFoundException,
    UnsupportedActionException,
)
from sandbox.corrections.cloudformation.resources.resource_types import provisioned
from sandbox.corrections.templates.schemas import Schema, schema

NAMES = {
    "ministack.services.cloudformation": "_stacks",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _with_stack_tags",
}
OVERRIDES: dict[str, str] = {}

Properties = dict[str, Any]

_PATCHED = "_patched"  # in a stack's record of a resource, until CloudFormation changes the resource itself


@dataclass(frozen=True)
class Held:
    """A resource of a stack. A change here is drift, which the stack's own properties do not show."""

    stack: dict[str, Any]
    record: dict[str, Any]
    schema: Schema

    @property
    def properties(self) -> Properties:
        """The properties that the resource has now, with the stack's tags."""
        names = (self.stack["StackName"], self.stack["StackId"], self.record["LogicalResourceId"])
        return self.record.get(_PATCHED) or provisioners._with_stack_tags(
            self.record["ResourceType"], self.record["Properties"], self.stack.get("Tags") or [], *names
        )

    @property
    def model(self) -> Properties:
        """The properties and the attributes, as GetResource describes a resource."""
        attributes = self.record.get("Attributes") or {}
        return self.properties | {name: attributes[name] for name in self.schema.read_only if name in attributes}

    @property
    def identifier(self) -> str:
        """The values of the primary identifier ("Identifying resources"); a generated name is the physical id."""
        values = self.model
        return "|".join(str(values.get(name, self.physical_id)) for name in self.schema.primary_identifier)

    @property
    def physical_id(self) -> str:
        return str(self.record["PhysicalResourceId"])

    @property
    def is_busy(self) -> bool:
        return str(self.stack["StackStatus"]).endswith("_IN_PROGRESS")

    def keep(self, properties: Properties) -> None:
        """Remember what an update has made of the resource."""
        self.record[_PATCHED] = properties


def updatable(type_name: str) -> None:
    """Raise UnsupportedActionException for a type that AWS, or the sandbox, replaces instead of updating."""
    if "update" not in _readable(type_name).root.get("handlers", {}):
        raise UnsupportedActionException(f"Resource type {type_name} does not support UPDATE action")
    if "update" not in provisioners._RESOURCE_HANDLERS[type_name]:
        raise UnsupportedActionException(f"the sandbox does not update resources of type {type_name} in place")


def find(type_name: str, identifier: str) -> Held:
    """Find a resource by its primary identifier, or its physical id: the CDK sends that for rules."""
    for held in all_of(type_name):
        if identifier in (held.identifier, held.physical_id):
            return held
    raise ResourceNotFoundException(
        f"Resource of type '{type_name}' with identifier '{identifier}' was not found. The sandbox's Cloud Control "
        "knows the resources of stacks only."
    )


def all_of(type_name: str) -> Iterator[Held]:
    """The resources of a type in all stacks. Raises for a type that cannot be read."""
    known = _readable(type_name)
    for stack in list(cloudformation._stacks.values()):
        if stack["StackStatus"] == "DELETE_COMPLETE":
            continue
        for record in list(stack.get("_resources", {}).values()):
            if record["ResourceType"] == type_name and record.get("PhysicalResourceId"):
                yield Held(stack, record, known)


def _readable(type_name: str) -> Schema:
    known = schema(type_name)
    if known is None:
        raise TypeNotFoundException(f"The type '{type_name}' cannot be found.")
    if not known.is_readable:
        raise UnsupportedActionException(f"Resource type {type_name} does not support READ action")
    if type_name not in provisioned():
        raise UnsupportedActionException(f"the sandbox does not implement the resource type {type_name}")
    return known
