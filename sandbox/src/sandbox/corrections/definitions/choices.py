"""The rules of a Choice state. AWS Step Functions Developer Guide, "Choice workflow state"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.corrections.definitions import kinds
from sandbox.corrections.definitions.diagnostics import Diagnostic, Place
from sandbox.corrections.definitions.kinds import Form, Kind

_ORDERS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_ORDERED = {"String": kinds.text, "Numeric": kinds.number, "Timestamp": kinds.timestamp}
_TESTS = ("Boolean", "Null", "Numeric", "Present", "String", "Timestamp")
COMPARISONS: dict[str, Kind] = (
    {f"{name}{order}": kind for name, kind in _ORDERED.items() for order in _ORDERS}
    | {f"{name}{order}Path": kinds.reference_path for name in _ORDERED for order in _ORDERS}
    | {"BooleanEquals": kinds.truth, "BooleanEqualsPath": kinds.reference_path, "StringMatches": kinds.text}
    | {f"Is{name}": kinds.truth for name in _TESTS}
)
_SELECTORS = ("And", "Or", "Not", "Variable", "Condition")


def _nested(place: Place, value: Any) -> Iterator[Diagnostic]:
    """A rule within And, Or or Not, which leads nowhere itself."""
    yield from _INNER(place, value)
    yield from _selected(place, value)


def rule(place: Place, value: Any) -> Iterator[Diagnostic]:
    """A rule with the state that follows."""
    yield from _OUTER(place, value)
    yield from _selected(place, value)


def _selected(place: Place, value: Any) -> Iterator[Diagnostic]:
    """Exactly one of And, Or, Not, a comparison and a condition."""
    if not isinstance(value, dict):
        return
    if sum(name in value for name in _SELECTORS) != 1:
        yield place.fault(f"The object must have only one of the following fields, [{', '.join(_SELECTORS)}]")
    compared = [name for name in COMPARISONS if name in value]
    if "Variable" in value and not compared:
        yield place.fault(f"This object should have only one of the following fields: [{', '.join(COMPARISONS)}]")
    elif len(compared) > 1:
        yield place.fault(f"There should only be one of the following fields: [{', '.join(compared)}]")


_PARTS: dict[str, Kind] = {
    "And": kinds.list_of(_nested, least=1),
    "Or": kinds.list_of(_nested, least=1),
    "Not": _nested,
    "Variable": kinds.reference_path,
    **COMPARISONS,
}
_INNER = Form({"Comment": kinds.text}, jsonpath=_PARTS)
_OUTER = Form(
    {"Comment": kinds.text, "Next": kinds.text, "Assign": kinds.variables},
    jsonpath=_PARTS,
    jsonata={"Condition": kinds.condition, "Output": kinds.payload},
    required=("Next",),
)
