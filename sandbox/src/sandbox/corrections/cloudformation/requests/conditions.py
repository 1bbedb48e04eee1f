"""Conditions with the values of all functions that AWS allows in them.

Fn::Join and Fn::FindInMap are among them. Source: AWS CloudFormation Template Reference, "Condition functions".
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers, stacks

from sandbox.corrections.templates.reading import texts

NAMES = {"ministack.services.cloudformation.engine": "_evaluate_conditions _resolve_refs"}
OVERRIDES = {
    "CloudFormation: functions in conditions": "ministack compares a Fn::Join, Fn::Sub or Fn::FindInMap unresolved, so "
    "that the condition is always the same; they have their values"
}


def evaluate_functions_in_conditions() -> None:
    """Resolve the operands of Fn::Equals before ministack compares them."""
    evaluate = engine._evaluate_conditions

    def evaluate_conditions(template: dict, parameters: dict) -> dict:
        conditions = _with_values(template.get("Conditions", {}), template.get("Mappings", {}), parameters)
        return evaluate({**template, "Conditions": conditions}, parameters)

    for module in (engine, changesets, handlers, stacks):
        module._evaluate_conditions = evaluate_conditions


def _with_values(part: Any, mappings: dict, parameters: dict) -> Any:
    if isinstance(part, list):
        return [_with_values(item, mappings, parameters) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        name: [texts(engine._resolve_refs(operand, {}, parameters, {}, mappings, "", "")) for operand in item]
        if name == "Fn::Equals"
        else _with_values(item, mappings, parameters)
        for name, item in part.items()
    }
