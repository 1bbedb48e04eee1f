"""The names that people and other stacks rely on. Everything else gets its name from CloudFormation."""

from __future__ import annotations

from specs import EnvironmentSpec, ModelSpec

PRODUCTION_VARIANT = "AllTraffic"
"""Never changes: autoscaling is attached to it, and guardrails demand the same variant before and after an update."""


def prefix(environment: EnvironmentSpec) -> str:
    return f"slipway-{environment.name}"


def stack_name(environment: EnvironmentSpec, stack: str, model: ModelSpec | None = None) -> str:
    """`slipway-dev-network`, or with a model `slipway-dev-digits-cnn-serving`."""
    return "-".join([prefix(environment), *([model.name] if model else []), stack])


def endpoint_name(environment: EnvironmentSpec, model: ModelSpec) -> str:
    return f"{prefix(environment)}-{model.name}"


def model_package_group_name(environment: EnvironmentSpec, model: ModelSpec) -> str:
    return model_package_group_of(environment, model.name)


def model_package_group_of(environment: EnvironmentSpec, model: str) -> str:
    """The group of a model of which only the name is known."""
    return f"{prefix(environment)}-{model}"


def model_package_arn(environment: EnvironmentSpec, model: ModelSpec, version: int) -> str:
    group = model_package_group_name(environment, model)
    return f"arn:aws:sagemaker:{environment.region}:{environment.account}:model-package/{group}/{version}"


def raw_data(model: ModelSpec) -> str:
    """Where the files of a model's data set lie in the data bucket."""
    return f"datasets/{model.data.dataset}/raw/"


STACK_TAG = "slipway:stack"
"""Marks what a serving stack made: the release workflow prunes by it, `operations empty` finds by it."""
