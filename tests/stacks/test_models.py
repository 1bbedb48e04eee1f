"""Every declared model equals the reference model with the same choices: no code knows a model's name."""

from __future__ import annotations

from typing import Any

from reference_model import MODEL, MODEL_STACKS
from state_machines import definition, targets

from specs import ModelSpec


def make(templates: dict[str, dict], name: str) -> dict[str, Any]:
    """The resources of a model's stacks by type, and the transitions of its training."""
    stacks = {stack: templates[f"slipway-dev-{name}-{stack}"]["Resources"] for stack in MODEL_STACKS}
    states = definition(templates[f"slipway-dev-{name}-training"])["States"]
    return {
        "resources": {f"{stack}/{key}": each["Type"] for stack in stacks for key, each in stacks[stack].items()},
        "transitions": {state: targets(states[state]) for state in states},
    }


def with_choices_of(model: ModelSpec, reference: ModelSpec) -> ModelSpec:
    """The reference model where it is judged, tuned and overridden as `model` is."""
    evaluation = reference.evaluation.model_copy(update={"judge": model.evaluation.judge})
    training = reference.training.model_copy(update={"tuning": model.training.tuning})
    chosen = {"evaluation": evaluation, "training": training, "environment": model.environment}
    return reference.model_copy(update=chosen)


def test_a_model_differs_by_its_choices_only(specs, model, synthesize) -> None:
    environment = specs.environment("dev")
    declared = synthesize(environment, specs.models)
    assert {each.name for each in specs.models} >= {MODEL}
    for each in specs.models:
        expected = synthesize(environment, (with_choices_of(each, model),))
        assert make(declared, each.name) == make(expected, MODEL), each.name
