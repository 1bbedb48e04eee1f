"""The definition of a synthesized state machine, and its states in running order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from template_tokens import as_text

MACHINE = "AWS::StepFunctions::StateMachine"


def definition(template: dict[str, Any], exports: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The definition of a template's only machine, references written as `${Resource.Arn}`."""
    (machine,) = [each for each in template["Resources"].values() if each["Type"] == MACHINE]
    return json.loads(as_text(machine["Properties"]["DefinitionString"], exports or {}))


def in_order(machine: dict[str, Any]) -> list[str]:
    """Each state before those that can follow it, loops apart; then unreachable ones, by name."""
    states, seen, found = machine["States"], set(), []

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        for target in reversed(targets(states[name])):
            visit(target)
        found.append(name)

    for name in sorted(states, reverse=True):
        if name not in reachable(machine):
            visit(name)
    visit(machine["StartAt"])
    return found[::-1]


def targets(state: dict[str, Any]) -> list[str]:
    """The states that can follow, in the order in which the state names them."""
    named = [state.get("Next"), *(each["Next"] for each in state.get("Choices", [])), state.get("Default")]
    named += [each["Next"] for each in state.get("Catch", [])]
    return [name for name in named if name]


def reachable(machine: dict[str, Any]) -> set[str]:
    found, waiting = set(), [machine["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += targets(machine["States"][name])
    return found
