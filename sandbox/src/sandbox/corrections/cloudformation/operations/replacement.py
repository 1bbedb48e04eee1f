"""Replacement of resources by the registry's schemas, for all types that we know or add."""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import provisioners, stacks

from sandbox.corrections.templates.honoured import HONOURED
from sandbox.corrections.templates.replacement import kept_name, must_replace
from sandbox.corrections.templates.replacement import recreation as by_schema

NAMES = {
    "ministack.services.cloudformation.provisioners": (
        "_replacing_change _property_recreation _custom_named_replacement_error _CUSTOM_NAME_REPLACEMENT"
    ),
    "ministack.services.cloudformation.stacks": "_replacing_change _custom_named_replacement_error",
}
OVERRIDES = {
    "CloudFormation: which changes replace a resource": (
        "ministack has a list by hand that ends at the top level and lacks most types of ours; "
        "the registry's schemas decide (createOnlyProperties)"
    ),
    "CloudFormation: replacing what the template names": "AWS refuses it for every type; ministack for some",
}


def replace_by_schema() -> None:
    """Decide by the schemas whether an update replaces."""
    former_change, former_error = provisioners._replacing_change, provisioners._custom_named_replacement_error

    def replacing_change(resource_type: str, old: dict, new: dict) -> bool:
        if _is_ours(resource_type):
            return must_replace(resource_type, old, new)
        return former_change(resource_type, old, new)

    def custom_named_error(resource_type: str, old: dict, new: dict, physical_id: str | None = None) -> str | None:
        if resource_type in provisioners._CUSTOM_NAME_REPLACEMENT or not _is_ours(resource_type):
            return former_error(resource_type, old, new, physical_id)
        name = kept_name(resource_type, old, new)
        if name is None or not must_replace(resource_type, old, new):
            return None
        return (
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            f"Rename {name} and update the stack again."
        )

    for module in (provisioners, stacks):
        module._replacing_change = replacing_change
        module._custom_named_replacement_error = custom_named_error


def check_fixed(type_name: str, old: dict, new: dict) -> None:
    """Raise ValueError if an update in place changes what the sandbox sets at creation only."""
    row = HONOURED.get(type_name)
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if kept := sorted(changed & row.fixed if row else ()):
        raise ValueError(
            f"the sandbox cannot change {', '.join(kept)} of an existing {type_name}; give the resource another "
            "logical id, so that a new one is made"
        )


def recreation(type_name: str, name: str, before: Any, after: Any) -> str:
    """The change set's word for the recreation; for types without an audit, ministack's own decision."""
    if _is_ours(type_name):
        return by_schema(type_name, name, before, after)
    return provisioners._property_recreation(type_name, name)


def _is_ours(type_name: str) -> bool:
    return type_name in HONOURED or "properties" in provisioners._RESOURCE_HANDLERS.get(type_name, {})
