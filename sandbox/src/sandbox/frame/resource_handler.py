"""The form of a CloudFormation resource type."""

from __future__ import annotations

from typing import Any, Protocol


class ResourceHandler(Protocol):
    """One CloudFormation resource type. Methods may block; raising makes the resource fail with ``str(error)``.

    A handler with a waiting ``create`` may have ``unfinished(logical_id, properties, stack_name)``: the physical id of
    a resource by a ``create`` that the sandbox's end interrupted, or None. For imports, one
    may have ``existing(physical_id)``: the attributes of the resource with this value of the type's primary identifier,
    or None. One that does less than AWS with some
    property may have ``reduced``: property -> difference.
    """

    properties: frozenset[str]
    """The properties that are honoured, dotted below the top level; a template that holds another is refused by name.

    Which changes replace the resource, its registry schema says (corrections/templates/replacement.py).
    """

    def create(self, logical_id: str, properties: dict, stack_name: str) -> tuple[str, dict[str, Any]]:
        """Return the physical id (what ``Ref`` gives) and the attributes (what ``Fn::GetAtt`` gives)."""
        ...

    def update(self, physical_id: str, old: dict, new: dict, stack_name: str) -> tuple[str, dict[str, Any]]: ...

    def delete(self, physical_id: str, properties: dict) -> None: ...
