"""Errors in literal values by the limits of a type's schema: patterns, enumerations, lengths and ranges.

AWS refuses such values when it makes the resource ("Properties validation failed for resource"), after others of the
stack were made; the sandbox refuses them with the template. Values that only a deploy knows are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import regex

from sandbox.corrections.templates.schemas import Node


def value_faults(node: Node, value: Any) -> Iterator[str]:
    """A clause for each limit that the value breaks; `node` is resolved."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, str):
        yield from _text_faults(node, value)
    if isinstance(value, str | int | float):
        yield from _enumeration_faults(node, str(value))
        yield from _range_faults(node, value)
    if isinstance(value, list):
        yield from _count_faults(node, len(value), "minItems", "maxItems", "items")


def _text_faults(node: Node, text: str) -> Iterator[str]:
    yield from _count_faults(node, len(text), "minLength", "maxLength", "characters")
    pattern = node.get("pattern")
    if pattern and not regex.search(pattern, text):
        yield f"does not match {pattern}: {text!r}"


def _enumeration_faults(node: Node, text: str) -> Iterator[str]:
    allowed = [str(item) for item in node.get("enum", [])]
    if allowed and text not in allowed:
        yield f"must be one of {', '.join(allowed)}, not {text!r}"


def _range_faults(node: Node, value: str | float) -> Iterator[str]:
    """The range of a number, which a template may write as text."""
    if "string" in str(node.get("type")):
        return
    try:
        number = float(value)
    except ValueError:
        return
    if number < node.get("minimum", number):
        yield f"must be {node['minimum']} or more, not {value}"
    if number > node.get("maximum", number):
        yield f"must be {node['maximum']} or less, not {value}"


def _count_faults(node: Node, count: int, least: str, most: str, unit: str) -> Iterator[str]:
    if count < node.get(least, 0):
        yield f"must have {node[least]} {unit} or more, not {count}"
    if count > node.get(most, count):
        yield f"must have {node[most]} {unit} or fewer, not {count}"
