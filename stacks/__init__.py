"""The CDK stacks: one file a stack, wiring only; the concepts are in `constructs/`."""

from __future__ import annotations

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
    prefix = names.prefix(environment)
    network = NetworkStack(app, f"{prefix}-network", environment=environment, env=where)
    foundation = FoundationStack(app, f"{prefix}-foundation", environment=environment, env=where)
    for model in models:
        training = TrainingStack(
            app,
            names.model_stack(environment, model, "training"),
            model=model,
            environment=environment,
            network=network,
            foundation=foundation,
            env=where,
        )
        release = ReleaseStack(
            app,
            names.model_stack(environment, model, "release"),
            model=model,
            environment=environment,
            foundation=foundation,
            env=where,
        )
        # A destroy goes the other way round: serving, release, training.
        release.add_stack_dependency(training)
        ServingStack(
            app,
            names.model_stack(environment, model, "serving"),
            model=model,
            environment=environment,
            network=network,
            foundation=foundation,
            release=release,
            env=where,
        )
    refuse_placeholder(app, environment)
