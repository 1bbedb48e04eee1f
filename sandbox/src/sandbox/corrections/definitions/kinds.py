"""Kinds of values in the Amazon States Language, and objects made of them.

A kind yields the errors of a value. The sentences are AWS's, from ValidateStateMachineDefinition on real accounts:
the snapshots of localstack/localstack, floci-io/floci #2735, and the rules pf-sfn-* of the npm package cdk-preflight.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.corrections.definitions.diagnostics import Diagnostic, Place
from sandbox.corrections.definitions.expressions import expression_faults, is_expression
from sandbox.corrections.definitions.paths import UNRESOLVED, is_path, is_reference_path, is_single, is_template_value

Kind = Callable[[Place, Any], Iterator[Diagnostic]]

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def anything(place: Place, value: Any) -> Iterator[Diagnostic]:
    yield from ()


def text(place: Place, value: Any) -> Iterator[Diagnostic]:
    if not isinstance(value, str):
        yield place.fault("Expected value of type [STRING]")


def truth(place: Place, value: Any) -> Iterator[Diagnostic]:
    if not isinstance(value, bool):
        yield place.fault("Expected value of type [BOOLEAN]")


def number(place: Place, value: Any) -> Iterator[Diagnostic]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield place.fault("Expected value of type [NUMBER]")


def timestamp(place: Place, value: Any) -> Iterator[Diagnostic]:
    if isinstance(value, str):
        if not _TIMESTAMP.fullmatch(value):
            yield place.fault("String does not match RFC3339 timestamp")
    else:
        yield from text(place, value)


def one_of(*allowed: str) -> Kind:
    def check(place: Place, value: Any) -> Iterator[Diagnostic]:
        if not isinstance(value, str):
            yield from text(place, value)
        elif value not in allowed:
            yield place.fault(f"Value should be one of the following: [{', '.join(allowed)}]")

    return check


def integer(least: int | None = None, most: int | None = None) -> Kind:
    return _between(int, "Expected value of type Integer", least, most)


def fraction(least: float, most: float | None = None) -> Kind:
    return _between((int, float), "Expected value of type [NUMBER]", least, most)


def _between(types: Any, wrong: str, least: float | None, most: float | None) -> Kind:
    def check(place: Place, value: Any) -> Iterator[Diagnostic]:
        if not isinstance(value, types) or isinstance(value, bool):
            yield place.fault(wrong)
        elif least is not None and value < least:
            yield place.fault(f"Minimum value is {least}")
        elif most is not None and value > most:
            yield place.fault(f"Maximum value is {most}")

    return check


def path(place: Place, value: Any) -> Iterator[Diagnostic]:
    """A JSONPath: into the state's input, the context object or a variable."""
    if not isinstance(value, str):
        yield from text(place, value)
    elif not is_path(value):
        yield place.fault("Value must be a valid JSONPath.")


def reference_path(place: Place, value: Any) -> Iterator[Diagnostic]:
    """A JSONPath that selects one value."""
    if not isinstance(value, str):
        yield from text(place, value)
    elif not value.startswith("$"):
        yield place.fault("Value is not a Reference Path: Reference path didn't start with '$'")
    elif not is_single(value):
        yield place.fault("Value is not a Reference Path")


def result_path(place: Place, value: Any) -> Iterator[Diagnostic]:
    """A reference path into the state's input, where a result is written."""
    if isinstance(value, str) and value.startswith("$") and not is_reference_path(value):
        yield place.fault("Value is not a Reference Path")
    else:
        yield from reference_path(place, value)


def path_or_function(place: Place, value: Any) -> Iterator[Diagnostic]:
    if not isinstance(value, str):
        yield from text(place, value)
    elif not is_template_value(value):
        yield place.fault("Value must be a valid JSONPath or a valid intrinsic function call")


def optional(kind: Kind) -> Kind:
    """The kind, or null."""
    return lambda place, value: kind(place, value) if value is not None else anything(place, value)


def expression(place: Place, value: Any) -> Iterator[Diagnostic]:
    """A string that is a JSONata expression."""
    if not isinstance(value, str):
        yield from text(place, value)
    elif not is_expression(value):
        yield place.fault("JSONata string must start with {% and end with %}")
    else:
        yield from expression_faults(place, value)


def condition(place: Place, value: Any) -> Iterator[Diagnostic]:
    """The condition of a JSONata rule: an expression, or true or false."""
    yield from (expression if isinstance(value, str) else truth)(place, value)


def or_expression(kind: Kind) -> Kind:
    """The kind; in a JSONata state also an expression that makes one."""

    def check(place: Place, value: Any) -> Iterator[Diagnostic]:
        computed = place.language == "JSONata" and isinstance(value, str) and value.startswith("{%")
        yield from (expression if computed else kind)(place, value)

    return check


def payload(place: Place, value: Any) -> Iterator[Diagnostic]:
    """JSON with parts computed in the state's query language, at any depth."""
    if place.language == "JSONata":
        if isinstance(value, str) and value.startswith("{%"):
            yield from expression(place, value)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name.endswith(".$") and not (isinstance(item, str) and is_template_value(item)):
                wrong = "must be a valid JSONPath or a valid intrinsic function call"
                yield place.fault(f"The value for the field '{name}' {wrong}")
    for step, item in _parts(place, value):
        yield from payload(step, item)


def _parts(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        yield from ((place.member(name), item) for name, item in value.items())
    elif isinstance(value, list):
        yield from ((place.item(position), item) for position, item in enumerate(value))


def payload_object(place: Place, value: Any) -> Iterator[Diagnostic]:
    """A payload that is an object, or an expression that makes one."""
    if isinstance(value, dict) or (place.language == "JSONata" and isinstance(value, str) and is_expression(value)):
        yield from payload(place, value)
    else:
        yield place.fault("Expected value of type [OBJECT]")


def payload_items(place: Place, value: Any) -> Iterator[Diagnostic]:
    if isinstance(value, list | dict) or (isinstance(value, str) and is_expression(value)):
        yield from payload(place, value)
    else:
        yield place.fault("Expected value of type [ARRAY]")


def variables(place: Place, value: Any) -> Iterator[Diagnostic]:
    """An Assign: a payload with names of variables."""
    yield from payload_object(place, value)
    for name in (each.removesuffix(".$") for each in (value if isinstance(value, dict) else ())):
        if name == "states":
            yield place.fault("Cannot assign to reserved variable '$states'.", "RESERVED_VARIABLE_NAME")
        elif not name.isidentifier():
            wrong = f"Invalid variable name '{name}': the variable name contains invalid characters."
            yield place.fault(wrong, "INVALID_VARIABLE_NAME")
        elif len(name) > 80:
            wrong = f"Invalid variable name '{name}': the variable name exceeds 80 characters."
            yield place.fault(wrong, "INVALID_VARIABLE_NAME")


def list_of(kind: Kind, least: int = 0) -> Kind:
    def check(place: Place, value: Any) -> Iterator[Diagnostic]:
        if not isinstance(value, list):
            yield place.fault("Expected value of type [ARRAY]")
        elif len(value) < least:
            yield place.fault("Value cannot be empty")
        else:
            for position, item in enumerate(value):
                yield from kind(place.item(position), item)

    return check


@dataclass(frozen=True)
class Form:
    """An object of the language: all of its fields, and which of them stand together."""

    both: Mapping[str, Kind]
    """Fields of both query languages."""
    jsonpath: Mapping[str, Kind] = field(default_factory=dict)
    jsonata: Mapping[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()

    def __call__(self, place: Place, value: Any) -> Iterator[Diagnostic]:
        if not isinstance(value, dict):
            yield place.fault("Expected value of type [OBJECT]")
            return
        yield from self._misplaced(place, value)
        yield from self._together(place, value)
        own = {**self.both, **(self.jsonata if place.language == "JSONata" else self.jsonpath)}
        for name, item in value.items():
            if name in own and item != UNRESOLVED:
                yield from own[name](place.member(name), item)

    def _misplaced(self, place: Place, value: dict[str, Any]) -> Iterator[Diagnostic]:
        """Fields that are unknown, or belong to the other query language."""
        other, others = ("JSONPath", self.jsonpath) if place.language == "JSONata" else ("JSONata", self.jsonata)
        own = self.jsonata if place.language == "JSONata" else self.jsonpath
        for name in value:
            if name in others and name not in own:
                set_to = f"The QueryLanguage is set to '{place.language}'"
                yield place.fault(f"{set_to}, but field '{name}' is only supported for the '{other}' QueryLanguage")
            elif name not in self.both and name not in own:
                yield place.fault(f"Field '{name}' is not supported")

    def _together(self, place: Place, value: dict[str, Any]) -> Iterator[Diagnostic]:
        if missing := [name for name in self.required if name not in value]:
            yield place.fault(f"These fields are required: [{', '.join(missing)}]")
        for names in (*self.exactly_one, *self.at_most_one):
            present = [name for name in names if name in value]
            listed = f"of the following fields: [{', '.join(names)}]"
            if len(present) > 1:
                yield place.fault(f"There should only be one {listed}")
            elif not present and names in self.exactly_one:
                yield place.fault(f"This object should have only one {listed}")
