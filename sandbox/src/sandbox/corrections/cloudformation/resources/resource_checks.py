"""Checks before a stack's work on a resource; an exception fails the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]


def check_creation(type_name: str, check: Callable[[Properties], None]) -> None:
    """Call `check` with the properties of a new resource, replacements included."""
    handler = provisioners._RESOURCE_HANDLERS[type_name]
    former = handler["create"]

    def create(logical_id: str, properties: Properties, *rest: Any) -> tuple:
        check(properties)
        return former(logical_id, properties, *rest)

    handler["create"] = create


def _check_update(type_name: str, check: Callable[[Properties], None]) -> None:
    """Call `check` with the new properties of a resource that a stack updates in place."""
    handler = provisioners._RESOURCE_HANDLERS[type_name]
    former = handler["update"]

    def update(physical_id: str, old: Properties, new: Properties, *rest: Any) -> tuple:
        check(new)
        return former(physical_id, old, new, *rest)

    handler["update"] = update


def check_declaration(type_name: str, check: Callable[[Properties], None]) -> None:
    """Call `check` with the properties of a resource that a stack creates or updates."""
    check_creation(type_name, check)
    _check_update(type_name, check)


def check_deletion(type_name: str, check: Callable[[str], None]) -> None:
    """Call `check` with the physical id of a resource that a stack deletes."""
    handler = provisioners._RESOURCE_HANDLERS[type_name]
    former = handler["delete"]

    def delete(physical_id: str, properties: Properties) -> None:
        check(physical_id)
        former(physical_id, properties)

    handler["delete"] = delete
