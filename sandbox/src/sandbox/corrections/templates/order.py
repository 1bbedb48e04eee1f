"""The order of resources: references in a circle, and to resources with a false condition.

Sources: AWS CloudFormation User Guide, "DependsOn attribute"; "Resolve circular dependency errors" (AWS re:Post).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sandbox.corrections.templates.finding import Finding
from sandbox.corrections.templates.intrinsics import references

Conditions = Mapping[str, bool]


def order_faults(template: Mapping[str, Any], conditions: Conditions) -> list[Finding]:
    """References that no order of creation satisfies; conditions without a value are taken as true."""
    wanted = _wanted(template.get("Resources", {}), conditions)
    absent = template.get("Resources", {}).keys() - wanted.keys()
    return [*_circles(wanted, conditions), *_absent(template, wanted, conditions, absent)]


def _circles(resources: Mapping[str, Any], conditions: Conditions) -> Iterator[Finding]:
    graph = {name: _needed(resource, conditions) & resources.keys() for name, resource in resources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = ", ".join(sorted(set(error.args[1])))
        yield Finding("Resources", "", f"Circular dependency between resources: [{circle}]")


def _needed(resource: Mapping[str, Any], conditions: Conditions) -> set[str]:
    stated = resource.get("DependsOn", [])
    depends_on = [stated] if isinstance(stated, str) else stated
    return {found.name for found in references(chosen(resource.get("Properties"), conditions))} | set(depends_on)


def _absent(
    template: Mapping[str, Any], wanted: Mapping[str, Any], conditions: Conditions, absent: set[str]
) -> Iterator[Finding]:
    """References to resources with a false condition; a DependsOn on one counts for nothing."""
    for name, resource in wanted.items():
        yield from _unresolved(name, "Resources", chosen(resource.get("Properties"), conditions), absent)
    for name, output in _wanted(template.get("Outputs", {}), conditions).items():
        yield from _unresolved(f"output {name}", "Outputs", chosen(output, conditions), absent)


def _unresolved(place: str, section: str, value: Any, absent: set[str]) -> Iterator[Finding]:
    names = sorted({found.name for found in references(value)} & absent)
    if names:
        listed = f"[{', '.join(names)}] in the {section} block of the template"
        yield Finding(place, "", f"Unresolved resource dependencies {listed}: the condition is false")


def _wanted(parts: Mapping[str, Any], conditions: Conditions) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if conditions.get(part.get("Condition", ""), True)}


def chosen(value: Any, conditions: Conditions) -> Any:
    """The value with the chosen branch in place of each Fn::If with a known condition."""
    if isinstance(value, list):
        return [chosen(item, conditions) for item in value]
    if not isinstance(value, dict):
        return value
    arguments = value.get("Fn::If")
    if isinstance(arguments, list) and len(arguments) == 3 and arguments[0] in conditions:
        return chosen(arguments[1] if conditions[arguments[0]] else arguments[2], conditions)
    return {name: chosen(item, conditions) for name, item in value.items()}
