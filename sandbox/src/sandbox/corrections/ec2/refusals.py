"""Checks before an operation of EC2, and before a stack's work on its resources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

NAMES = {
    "ministack.services.ec2": "_ACTION_MAP _error",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS",
}
OVERRIDES: dict[str, str] = {}

Parameters = dict[str, Any]
Properties = dict[str, Any]


class Ec2Error(ValueError):
    """When EC2 refuses a request; a stack shows the message as the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_operation(name: str, check: Callable[[Parameters], None]) -> None:
    """Call `check` with the parameters of every request; what it raises is the answer."""
    former = ec2._ACTION_MAP[name]

    def checked(parameters: Parameters) -> tuple:
        try:
            check(parameters)
        except Ec2Error as error:
            return ec2._error(error.code, str(error).replace("<", "&lt;"), 400)
        return former(parameters)

    ec2._ACTION_MAP[name] = checked


def check_creation(type_name: str, check: Callable[[Properties], None]) -> None:
    """Call `check` with the properties of a new resource, replacements included."""
    handler = provisioners._RESOURCE_HANDLERS[type_name]
    former = handler["create"]

    def create(logical_id: str, properties: Properties, *rest: Any) -> tuple:
        check(properties)
        return former(logical_id, properties, *rest)

    handler["create"] = create


def check_update(type_name: str, check: Callable[[Properties], None]) -> None:
    """Call `check` with the new properties of a resource that a stack updates in place."""
    handler = provisioners._RESOURCE_HANDLERS[type_name]
    former = handler["update"]

    def update(physical_id: str, old: Properties, new: Properties, *rest: Any) -> tuple:
        check(new)
        return former(physical_id, old, new, *rest)

    handler["update"] = update


def check_deletion(type_name: str, check: Callable[[str], None]) -> None:
    """Call `check` with the physical id of a resource that a stack deletes."""
    handler = provisioners._RESOURCE_HANDLERS[type_name]
    former = handler["delete"]

    def delete(physical_id: str, properties: Properties) -> None:
        check(physical_id)
        former(physical_id, properties)

    handler["delete"] = delete
