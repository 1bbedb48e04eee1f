"""A stack's tags on its resources, by the tagging section of each type's registry schema.

Sources: AWS CloudFormation, "Resource tag"; CloudFormation CLI, "Resource type schema" (tagging).
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import provisioners

from sandbox.corrections.templates.honoured import HONOURED
from sandbox.corrections.templates.schemas import schema

NAMES = {"ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _tag_map _with_stack_tags"}
OVERRIDES = {
    "CloudFormation: stack tags": "ministack has a list of types by hand, which lacks rules and all types of ours, and "
    "puts CloudFormation's own tags where AWS puts none",
}

Properties = dict[str, Any]


def tag_resources_by_schema() -> None:
    """Give each taggable resource the tags of its stack."""
    provisioners._with_stack_tags = with_stack_tags


def with_stack_tags(  # noqa: PLR0917 -- as ministack calls it
    type_name: str, properties: Properties, tags: list, stack_name: str, stack_id: str, logical_id: str
) -> Properties:
    """The properties with the stack's tags and CloudFormation's own; a resource's own tag has precedence."""
    known = schema(type_name)
    if known is None or not _honours(type_name, known.tag_property):
        return properties
    own = properties.get(known.tag_property) or []
    named = provisioners._tag_map(own)
    system = {"stack-name": stack_name, "stack-id": stack_id, "logical-id": logical_id} if known.has_system_tags else {}
    added = {**provisioners._tag_map(tags), **{f"aws:cloudformation:{key}": value for key, value in system.items()}}
    missing = {key: value for key, value in added.items() if key not in named}
    if not missing:
        return properties
    is_map = known.types(known.member(known.root, known.tag_property)) == {"object"}
    pairs = [{"Key": key, "Value": value} for key, value in missing.items()]
    return {**properties, known.tag_property: {**named, **missing} if is_map else [*own, *pairs]}


def _honours(type_name: str, tag_property: str) -> bool:
    row = HONOURED.get(type_name)
    properties = row.properties if row else provisioners._RESOURCE_HANDLERS.get(type_name, {}).get("properties")
    return tag_property in (properties or ())
