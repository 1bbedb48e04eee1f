"""CloudFormation's intrinsic functions, and the references in a value.

Sources: "Intrinsic function reference", "Rule-specific intrinsic functions", "Fn::Sub".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FUNCTIONS = frozenset(
    [
        "Fn::And",
        "Fn::Base64",
        "Fn::Cidr",
        "Fn::Equals",
        "Fn::FindInMap",
        "Fn::GetAZs",
        "Fn::GetAtt",
        "Fn::GetStackOutput",
        "Fn::If",
        "Fn::ImportValue",
        "Fn::Join",
        "Fn::Not",
        "Fn::Or",
        "Fn::Select",
        "Fn::Split",
        "Fn::Sub",
        "Fn::ToJsonString",
    ]
)
"""The functions allowed in resources, conditions and outputs after transforms."""

PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in ["AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix"]
)
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True)
class Reference:
    """A reference to a logical id, parameter or pseudo parameter, with an attribute if given."""

    name: str
    attribute: str | None


def function(value: Any) -> str | None:
    """The function that the value calls ("Ref", "Fn::Join"), or None."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    (name,) = value
    return name if name == "Ref" or str(name).startswith("Fn::") else None


def functions(value: Any) -> Iterator[str]:
    """Every name below the value in the form of a function name."""
    if isinstance(value, dict):
        for name, item in value.items():
            if str(name).startswith("Fn::"):
                yield name
            yield from functions(item)
    elif isinstance(value, list):
        for item in value:
            yield from functions(item)


def references(value: Any) -> Iterator[Reference]:
    """The references by `Ref`, `Fn::GetAtt` and `Fn::Sub` below the value."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for name, argument in value.items():
            if name == "Ref" and len(value) == 1 and isinstance(argument, str):
                yield Reference(argument, None)
            elif name == "Fn::GetAtt":
                yield from _attribute(argument)
            elif name == "Fn::Sub":
                yield from _substituted(argument)
            else:
                yield from references(argument)


def conditions(value: Any) -> Iterator[str]:
    """The conditions of `Fn::If` below the value."""
    if isinstance(value, dict):
        asked = value.get("Fn::If")
        if isinstance(asked, list) and asked and isinstance(asked[0], str):
            yield asked[0]
        for item in value.values():
            yield from conditions(item)
    elif isinstance(value, list):
        for item in value:
            yield from conditions(item)


def _attribute(argument: Any) -> Iterator[Reference]:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if isinstance(parts, list) and len(parts) == 2 and isinstance(parts[0], str):
        yield Reference(parts[0], parts[1] if isinstance(parts[1], str) else None)
        yield from references(parts[1])


def _substituted(argument: Any) -> Iterator[Reference]:
    text, bound = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    for variable in _VARIABLE.findall(str(text)):
        if variable not in bound:
            name, _, attribute = variable.strip().partition(".")
            yield Reference(name, attribute or None)
    yield from references(list(bound.values()) if isinstance(bound, dict) else [])
