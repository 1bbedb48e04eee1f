"""Errors in a resource's properties by CloudFormation's schema of the type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.corrections.templates.intrinsics import function
from sandbox.corrections.templates.schemas import Node, Schema
from sandbox.corrections.templates.value_faults import value_faults


def property_faults(schema: Schema, properties: Any) -> Iterator[str]:
    """A sentence for each key that is unknown, read-only or missing, and each wrong value."""
    yield from _faults(schema, schema.root, properties, "Properties")


def _faults(schema: Schema, node: Node, value: Any, path: str) -> Iterator[str]:
    called = function(value)
    if called == "Fn::If":
        for branch in _branches(value):
            yield from _faults(schema, node, branch, path)
    elif called is None:
        if wrong := _wrong_kind(schema, node, value):
            yield f"{path} {wrong}"
            return
        yield from (f"{path} {fault}" for fault in value_faults(schema.resolved(node), value))
        if isinstance(value, dict):
            yield from _object_faults(schema, node, value, path)
        elif isinstance(value, list):
            for position, item in enumerate(value):
                yield from _faults(schema, schema.item(node), item, f"{path}[{position}]")


def _object_faults(schema: Schema, node: Node, value: dict[str, Any], path: str) -> Iterator[str]:
    known = schema.members(node)
    for name, item in value.items():
        if known is not None and name not in known:
            yield f"{path}.{name} is unknown; the type has {', '.join(sorted(known))}"
        elif _dotted(f"{path}.{name}") in schema.read_only:
            yield f"{path}.{name} is read only"
        else:
            yield from _faults(schema, schema.member(node, name), item, f"{path}.{name}")
    for name in schema.required(node):
        if name not in value:
            yield f"{path}.{name} is required"


def _wrong_kind(schema: Schema, node: Node, value: Any) -> str:
    """The error for a wrong list, object or scalar; scalars may be quoted numbers."""
    types = schema.types(node)
    if not types:
        return ""
    if isinstance(value, list):
        return "" if "array" in types else f"must be {_kinds(types)}, not a list"
    if isinstance(value, dict):
        return "" if "object" in types else f"must be {_kinds(types)}, not an object"
    if types == {"array"} or (types == {"object"} and schema.members(node) is not None):
        return f"must be {_kinds(types)}, not {value!r}"
    return ""  # an object of any members may be written as JSON


def _kinds(types: frozenset[str]) -> str:
    articles = {"array": "a list", "object": "an object", "integer": "an integer"}
    return " or ".join(articles.get(name, f"a {name}") for name in sorted(types))


def _branches(value: dict[str, Any]) -> list[Any]:
    arguments = value["Fn::If"]
    return arguments[1:] if isinstance(arguments, list) else []


def _dotted(path: str) -> str:
    """ "Properties.A[0].B" as the schema writes paths: "A.B"."""
    steps = (step.partition("[")[0] for step in path.split("."))
    return ".".join(list(steps)[1:])
