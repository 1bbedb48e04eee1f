"""The form of a CloudFormation resource type."""

from __future__ import annotations

from typing import Any, Protocol


class ResourceHandler(Protocol):
    """One CloudFormation resource type. Methods may block; raising makes the resource fail with ``str(error)``.

    One whose ``create`` waits may have ``unfinished(logical_id, stack_name)``: the physical id of what a ``create``
    made that the sandbox's end cut off, None if it made nothing. One that does less than AWS with some property may
    have ``reduced``: property -> how.
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
