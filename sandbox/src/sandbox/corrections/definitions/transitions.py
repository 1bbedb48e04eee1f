"""Targets, reachability and ends of states, and names that must be unique.

The codes and their order: localstack/localstack #12487, floci-io/floci #2735, both measured on AWS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sandbox.corrections.definitions.diagnostics import Diagnostic, Place
from sandbox.corrections.definitions.paths import UNRESOLVED

_TARGET = "MISSING_TRANSITION_TARGET"


def transition_faults(place: Place, machine: dict[str, Any]) -> Iterator[Diagnostic]:
    """Errors in the ways through a machine that has the right form."""
    every = list(containers(place, machine))
    for inner, container in every:
        yield from _dangling(inner, container["States"])
    if not any(_ends(state) for state in machine["States"].values()):
        yield Diagnostic("MISSING_END_STATE", "Workflow has no terminal state")
        walked = every[1:]
    else:
        walked = every
    for inner, container in walked:
        yield from _unreachable(inner, container)
    yield from _repeated(every)


def containers(place: Place, container: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The machine, and every branch and item processor below it."""
    yield place, container
    for name, state in container["States"].items():
        at = place.member("States").member(name)
        for field in ("ItemProcessor", "Iterator"):
            if field in state:
                yield from containers(at.member(field), state[field])
        for position, branch in enumerate(state.get("Branches", [])):
            yield from containers(at.member("Branches").item(position), branch)


def _targets(place: Place, state: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    for field in ("Next", "Default"):
        if field in state:
            yield place.member(field), state[field]
    for field in ("Choices", "Catch"):
        for position, each in enumerate(state.get(field, [])):
            yield place.member(field).item(position).member("Next"), each["Next"]


def _dangling(place: Place, states: dict[str, Any]) -> Iterator[Diagnostic]:
    for name, state in states.items():
        for at, target in _targets(place.member("States").member(name), state):
            if target not in states and target != UNRESOLVED:
                yield at.fault(f"Missing 'Next' target: {target}", _TARGET)


def _ends(state: dict[str, Any]) -> bool:
    return state["Type"] in ("Succeed", "Fail") or state.get("End") is True


def _unreachable(place: Place, container: dict[str, Any]) -> Iterator[Diagnostic]:
    states, start = container["States"], container["StartAt"]
    if start not in states:
        yield place.member("StartAt").fault(f"Missing 'Next' target: {start}", _TARGET)
    reached, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name in states and name not in reached:
            reached.add(name)
            waiting += [target for _, target in _targets(place, states[name])]
    for name in states:
        if name not in reached:
            yield place.member("States").member(name).fault(f'State "{name}" is not reachable.', _TARGET)


def _repeated(every: list[tuple[Place, dict[str, Any]]]) -> Iterator[Diagnostic]:
    """State names and labels that stand twice in the whole machine."""
    names: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    for place, container in every:
        for name, state in container["States"].items():
            at = place.member("States").member(name)
            names[name] += 1
            if names[name] > 1:
                yield at.fault(f"Duplicate State name: {name}", "DUPLICATE_STATE_NAME")
            if label := state.get("Label"):
                labels[label] += 1
                if labels[label] > 1:
                    yield at.member("Label").fault(f"Duplicate Label name: {label}", "DUPLICATE_LABEL_NAME")
