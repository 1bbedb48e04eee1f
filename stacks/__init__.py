"""The CDK stacks: one file a stack, wiring only; the concepts are in `constructs/`."""

from __future__ import annotations

from typing import Any

from aws_cdk import App, Environment

from specs import EnvironmentSpec, ModelSpec, names
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

    network = NetworkStack(app, names.network_stack(environment.name), environment=environment)
    foundation = FoundationStack(app, names.foundation_stack(environment.name), environment=environment)
    for model in models:
        shared: dict[str, Any] = {
            "model": model,
            "environment": environment,
            "network": network,
            "foundation": foundation,
            "env": where,
        }
        training = TrainingStack(app, names.training_stack(environment.name, model.name), **shared)
        release = ReleaseStack(app, names.release_stack(environment.name, model.name), **shared)
        # A destroy goes the other way round: serving, release, training.
        release.add_stack_dependency(training)
        ServingStack(app, names.serving_stack(environment.name, model.name), release=release, **shared)
    refuse_placeholder(app, environment)
