"""A template with its parameters: the values of resources, policies and outputs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import engine, stacks

from sandbox.corrections.cloudformation.operations.graph import Graph

Records = dict[str, dict]
"""A stack's records of its resources by logical id."""


class Template:
    """One processed template of one stack, with the resources of true conditions."""

    def __init__(self, stack: Mapping[str, Any], body: dict, parameters: dict) -> None:
        self.body, self.parameters = body, parameters
        self._names = (stack["StackName"], stack["StackId"])
        self.conditions = engine._evaluate_conditions(body, parameters)
        self.resources = {
            logical_id: definition
            for logical_id, definition in body.get("Resources", {}).items()
            if self.conditions.get(definition.get("Condition"), True)
        }

    def order(self) -> list[str]:
        """The logical ids in dependency order. Raises ValueError for a circle."""
        return engine._topological_sort(self.body.get("Resources", {}), self.conditions)

    def graph(self) -> Graph:
        names = set(self.resources)
        return {
            logical_id: engine._extract_deps(definition, names) - {logical_id}
            for logical_id, definition in self.resources.items()
        }

    def properties(self, logical_id: str, records: Records, reuse: tuple[dict, bool, bool]) -> tuple[dict, dict]:
        """A resource's properties, and the dynamic references in them with their values. Raises ValueError.

        `reuse`: the values of the last operation, and whether `ssm` and `secretsmanager` references keep them.
        """
        resolved = self._resolve(self.resources[logical_id].get("Properties", {}), records)
        stated = {name: value for name, value in resolved.items() if value is not engine._NO_VALUE}
        known, ssm, secrets = reuse
        return engine._resolve_dynamic_references(stated, known, reuse_ssm=ssm, reuse_secrets=secrets)

    def policy(self, logical_id: str, attribute: str, records: Records) -> str:
        """DeletionPolicy or UpdateReplacePolicy of a resource, with the default of its type."""
        return stacks._resource_policy(
            self.body.get("Resources", {}).get(logical_id),
            attribute,
            records,
            self.parameters,
            self.conditions,
            self.body.get("Mappings", {}),
            *self._names,
        )

    def outputs(self, records: Records) -> tuple[list[dict], dict[str, dict]]:
        """The outputs as DescribeStacks shows them, and the exports by name. Raises ValueError."""
        return stacks._resolve_stack_outputs(
            self.body.get("Outputs", {}),
            self.conditions,
            records,
            self.parameters,
            self.body.get("Mappings", {}),
            *self._names,
        )

    def _resolve(self, value: dict, records: Records) -> dict:
        mappings = self.body.get("Mappings", {})
        return engine._resolve_refs(
            copy.deepcopy(value), records, self.parameters, self.conditions, mappings, *self._names
        )
