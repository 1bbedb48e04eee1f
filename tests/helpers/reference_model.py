"""The model and the environment that stand for all in tests/stacks, chosen by name."""

from __future__ import annotations

from specs import EnvironmentSpec, ModelSpec, Specs

MODEL = "digits-cnn"
ENVIRONMENT = "prod"

SHARED_STACKS = ("network", "foundation")
MODEL_STACKS = ("training", "release", "serving")


def reference_model(specs: Specs) -> ModelSpec:
    return next(model for model in specs.models if model.name == MODEL)


def pinned(environment: EnvironmentSpec) -> EnvironmentSpec:
    """The environment, releasing version 3 of the reference model by pin."""
    release = environment.release.model_copy(update={"source": "pin", "pinned": {MODEL: 3}, "initial": {}})
    return environment.model_copy(update={"release": release})


def judged(model: ModelSpec) -> ModelSpec:
    """The model, judged by another one, and without tuning."""
    evaluation = model.evaluation.model_copy(update={"judge": "judge", "goal": "minimize"})
    training = model.training.model_copy(update={"tuning": None})
    return model.model_copy(update={"evaluation": evaluation, "training": training})


def by_short_name(templates: dict[str, dict], environment: str) -> dict[str, dict]:
    """The shared stacks' templates and the reference model's, by names such as `training`."""
    prefixes = dict.fromkeys(SHARED_STACKS, f"slipway-{environment}-")
    prefixes |= dict.fromkeys(MODEL_STACKS, f"slipway-{environment}-{MODEL}-")
    return {short: templates[prefix + short] for short, prefix in prefixes.items()}
