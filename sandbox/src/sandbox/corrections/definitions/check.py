"""The check of a state machine's definition: every error that AWS finds before anything runs.

AWS Step Functions API Reference, "CreateStateMachine", "ValidateStateMachineDefinition".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.corrections.definitions.diagnostics import LACKING, Diagnostic, Machine, Place
from sandbox.corrections.definitions.json_text import NotJson, parse
from sandbox.corrections.definitions.states import MACHINE
from sandbox.corrections.definitions.transitions import transition_faults
from sandbox.corrections.definitions.warnings import warnings


def diagnostics(definition: str, kind: str, integrations: frozenset[str]) -> list[Diagnostic]:
    """All errors and warnings of a definition, in AWS's words.

    Args:
        definition: the text of the definition.
        kind: STANDARD or EXPRESS.
        integrations: the optimized integrations of the sandbox.
    """
    if not definition.strip():
        return [Diagnostic("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object")]
    try:
        machine = parse(definition)
    except NotJson as fault:
        return [Diagnostic("INVALID_JSON_DESCRIPTION", f"{fault}\n at {fault.location}", fault.location)]
    if not isinstance(machine, dict):
        return [Diagnostic("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object")]
    return list(_faults(machine, Machine(kind, integrations, _language(machine))))


def _language(machine: dict[str, Any]) -> str:
    return "JSONPath" if machine.get("QueryLanguage", "JSONPath") == "JSONPath" else "JSONata"


def _faults(machine: dict[str, Any], about: Machine) -> Iterator[Diagnostic]:
    place = Place(about, about.query_language)
    found = list(MACHINE(place, machine))
    yield from found
    if all(each.code == LACKING for each in found):  # the ways through a wrong form are not known
        yield from transition_faults(place, machine)
        yield from warnings(place, machine)
