"""One row of the table of honoured properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Honoured:
    """One resource type: properties that can be read back, and attributes of `Fn::GetAtt`."""

    properties: frozenset[str]
    attributes: frozenset[str] = frozenset()
    reduced: Mapping[str, str] = field(default_factory=dict)
    """Property -> the difference from AWS."""
    fixed: frozenset[str] = frozenset()
    """Properties that the sandbox sets at creation only: an update that changes one in place is refused."""


def honoured(properties: str, attributes: str = "", fixed: str = "", **reduced: str) -> Honoured:
    """A row, with its names in text."""
    return Honoured(frozenset(properties.split()), frozenset(attributes.split()), reduced, frozenset(fixed.split()))
