"""The two sides that a change set compares: the deployed stack and the planned one."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ministack.services.cloudformation import engine

from sandbox.corrections.cloudformation.requests.shown_parameters import NO_ECHO
from sandbox.corrections.templates.changes import Resource, Side

NAMES = {"ministack.services.cloudformation.engine": "_resolve_refs _evaluate_conditions _NO_VALUE"}
OVERRIDES: dict[str, str] = {}

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""The text in change sets for a value known only after the execution."""


class _Symbols(dict):
    """Attributes of a future resource; each value is a placeholder with the attribute's name."""

    def __init__(self, logical_id: str) -> None:
        super().__init__()
        self._logical_id = logical_id

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> str:
        return f"${{{self._logical_id}.{name}}}"


class _Unknowns(_Symbols):
    """Unknown attributes of a resource that the execution will create."""

    def __getitem__(self, name: str) -> str:
        return UNKNOWN


@dataclass(frozen=True)
class _Reading:
    """A template read with parameters for a stack."""

    stack: Mapping[str, Any]
    template: Mapping[str, Any]
    parameters: Mapping[str, Any]

    @cached_property
    def conditions(self) -> dict[str, bool]:
        return engine._evaluate_conditions(self.template, self.parameters)

    @cached_property
    def active(self) -> dict[str, Any]:
        """The resources with a true condition."""
        return {name: item for name, item in self.template.get("Resources", {}).items() if self._holds(item)}

    @cached_property
    def symbols(self) -> dict[str, Any]:
        return {name: {"PhysicalResourceId": f"${{{name}}}", "Attributes": _Symbols(name)} for name in self.active}

    @cached_property
    def unknowns(self) -> dict[str, Any]:
        return {name: {"PhysicalResourceId": UNKNOWN, "Attributes": _Unknowns(name)} for name in self.active}

    def side(self, records: Mapping[str, Any]) -> Side:
        """One side of the comparison; `records` are resources with known names and attributes."""
        resources = {}
        for name, definition in self.active.items():
            physical_id = self.stack["_resources"].get(name, {}).get("PhysicalResourceId", "")
            properties = self.properties(name, self.symbols, self.parameters)
            context = self.properties(name, {**self.unknowns, **records}, _masked(self.parameters))
            resources[name] = Resource(definition, properties, context, physical_id)
        values = {name: parameter["Value"] for name, parameter in self.parameters.items()}
        return Side(resources, values, self._outputs())

    def properties(self, name: str, resources: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
        found = self._resolved(self.active[name].get("Properties", {}), resources, parameters)
        return {key: value for key, value in found.items() if value is not engine._NO_VALUE}

    def _outputs(self) -> dict[str, Any]:
        outputs = {name: item for name, item in self.template.get("Outputs", {}).items() if self._holds(item)}
        plain = {name: {**item, "Condition": None} for name, item in outputs.items()}
        return {name: self._resolved(item, self.symbols, self.parameters) for name, item in plain.items()}

    def _holds(self, part: Mapping[str, Any]) -> bool:
        return self.conditions.get(part.get("Condition", ""), True)

    def _resolved(self, value: Any, resources: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
        """The value, resolved as far as possible."""
        mappings = self.template.get("Mappings", {})
        names = self.stack["StackName"], self.stack["StackId"]
        plain = copy.deepcopy(value)
        try:
            return engine._resolve_refs(plain, resources, parameters, self.conditions, mappings, *names)
        except (ValueError, KeyError, IndexError, TypeError):
            return value


def _masked(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with NoEcho values hidden."""
    return {name: {**item, "Value": NO_ECHO} if item["NoEcho"] else item for name, item in parameters.items()}


def deployed(stack: Mapping[str, Any]) -> Side:
    """The side before: the deployed stack."""
    records = stack["_resources"]
    side = _Reading(stack, stack["_template"], stack["_resolved_params"]).side(records)
    present = {name: resource for name, resource in side.resources.items() if name in records}
    return Side(present, side.parameters, side.outputs)


def planned(
    stack: Mapping[str, Any],
    template: Mapping[str, Any],
    parameters: Mapping[str, Any],
    replaced: Collection[str] = (),
) -> Side:
    """The side after; `replaced` are the resources that will be replaced."""
    kept = {name: record for name, record in stack["_resources"].items() if name not in replaced}
    return _Reading(stack, template, parameters).side(kept)
