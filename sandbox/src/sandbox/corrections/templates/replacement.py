"""Changes that replace a resource: its schema's createOnlyProperties, and the conditional ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.corrections.templates.schemas import schema

ALWAYS, CONDITIONALLY, NEVER = "Always", "Conditionally", "Never"


def recreation(type_name: str, name: str, before: Any, after: Any) -> str:
    """The change set's `RequiresRecreation` for a change of one top-level property.

    If only a part of the property is create-only ("DnsOptions.PrivateDnsPreference"), that part's values decide.
    """
    known = schema(type_name)
    if known is None or type_name.startswith("Custom::"):
        return CONDITIONALLY
    if _touches(known.create_only, name, before, after):
        return ALWAYS
    return CONDITIONALLY if _touches(known.conditionally_create_only, name, before, after) else NEVER


def must_replace(type_name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether a change of properties certainly needs a new resource."""
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return any(recreation(type_name, name, before.get(name), after.get(name)) == ALWAYS for name in changed)


def kept_name(type_name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """The unchanged custom name in the template, which prevents a second resource; else None."""
    noun = type_name.rpartition("::")[2]
    known = schema(type_name)
    for name in (f"{noun}Name", "Name", "GroupName"):
        if known and name in known.create_only and before.get(name) and before.get(name) == after.get(name):
            return str(before[name])
    return None


def _touches(paths: frozenset[str], name: str, before: Any, after: Any) -> bool:
    below = [path.partition(".")[2] for path in paths if path == name or path.startswith(f"{name}.")]
    return any(not path or _at(before, path.split(".")) != _at(after, path.split(".")) for path in below)


def _at(value: Any, path: list[str]) -> Any:
    """The value at a path; for a list, the values in each item."""
    if isinstance(value, list):
        return [_at(item, path) for item in value]
    if not path:
        return value
    return _at(value.get(path[0]), path[1:]) if isinstance(value, dict) else None
