"""Warnings of ValidateStateMachineDefinition: text that only looks like a path.

AWS Step Functions API Reference, "ValidateStateMachineDefinitionDiagnostic": NO_DOLLAR, NO_PATH, PASS_RESULT_IS_STATIC.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.corrections.definitions.choices import COMPARISONS
from sandbox.corrections.definitions.diagnostics import WARNING, Diagnostic, Place
from sandbox.corrections.definitions.paths import is_template_value
from sandbox.corrections.definitions.transitions import containers

_PAYLOADS = ("Parameters", "ResultSelector", "ItemSelector", "Assign")


def warnings(place: Place, machine: dict[str, Any]) -> Iterator[Diagnostic]:
    """All warnings of a machine that has the right form; only JSONPath states have any."""
    if place.machine.query_language == "JSONata":
        return
    for inner, container in containers(place, machine):
        for name, state in container["States"].items():
            if state.get("QueryLanguage") != "JSONata":
                yield from _of_state(inner.member("States").member(name), state)


def _of_state(place: Place, state: dict[str, Any]) -> Iterator[Diagnostic]:
    for field in _PAYLOADS:
        for at, name, value in _texts(place.member(field), field, state.get(field)):
            if not name.endswith(".$") and _looks_computed(value):
                yield _warning("NO_DOLLAR", f"The field '{name}' looks like a path; its name does not end in '.$'", at)
    for at, name, value in _texts(place.member("Choices"), "Choices", state.get("Choices")):
        if name in COMPARISONS and not name.endswith("Path") and _looks_computed(value):
            yield _warning("NO_PATH", f"The field '{name}' looks like a path; its name does not end in 'Path'", at)
    if state["Type"] == "Pass":
        for at, name, value in _texts(place.member("Result"), "Result", state.get("Result")):
            if _looks_computed(value) or name.endswith(".$"):
                yield _warning("PASS_RESULT_IS_STATIC", f"The field '{name}' looks like a path; Result is static", at)


def _warning(code: str, message: str, place: Place) -> Diagnostic:
    return Diagnostic(code, message, place.location, WARNING)


def _looks_computed(text: str) -> bool:
    return text.startswith(("$.", "$[", "$$.", "States.")) and is_template_value(text)


def _texts(at: Place, name: str, value: Any) -> Iterator[tuple[Place, str, str]]:
    """Each text of a value: its place, the name of its own field, the text."""
    if isinstance(value, str):
        yield at, name, value
    elif isinstance(value, dict):
        for each, item in value.items():
            yield from _texts(at.member(each), each, item)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _texts(at.item(position), name, item)
