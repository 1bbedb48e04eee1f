"""The CDK stacks: one file a stack, wiring only; the concepts are in `constructs/`."""

from __future__ import annotations

from typing import Any

from aws_cdk import App, Environment

from specs import EnvironmentSpec, ModelSpec
from stacks import names
from stacks.foundation import FoundationStack
from stacks.network import NetworkStack
from stacks.placeholder import refuse_placeholder
from stacks.release import ReleaseStack
from stacks.serving import ServingStack
from stacks.training import TrainingStack

__all__ = ["build"]


def build(app: App, environment: EnvironmentSpec, models: tuple[ModelSpec, ...]) -> None:
    """Add the stacks of one environment: two that its models share, and three a model."""
    where = Environment(account=environment.account, region=environment.region)

    def name(stack: str, model: ModelSpec | None = None) -> str:
        return names.stack_name(environment, stack, model)

    network = NetworkStack(app, name("network"), environment=environment)
    foundation = FoundationStack(app, name("foundation"), environment=environment)
    for model in models:
        shared: dict[str, Any] = {
            "model": model,
            "environment": environment,
            "network": network,
            "foundation": foundation,
            "env": where,
        }
        training = TrainingStack(app, name("training", model), **shared)
        release = ReleaseStack(app, name("release", model), **shared)
        # A destroy goes the other way round: serving, release, training.
        release.add_stack_dependency(training)
        ServingStack(app, name("serving", model), release=release, **shared)
    refuse_placeholder(app, environment)
