"""The CDK stacks: one file a stack, wiring only; the concepts are in `constructs/`."""

from __future__ import annotations

from aws_cdk import App

from specs import EnvironmentSpec, ModelSpec, names, resolve
from stacks.constructs.security.account_roles import follow_account
from stacks.constructs.shared.tagging import tag
from stacks.foundation import FoundationStack
from stacks.model_settings import ModelSettings
from stacks.network import NetworkStack
from stacks.placeholder import refuse_placeholder
from stacks.protection import protect
from stacks.release import ReleaseStack
from stacks.serving import ServingStack
from stacks.training import TrainingStack

__all__ = ["build"]


def build(app: App, environment: EnvironmentSpec, models: tuple[ModelSpec, ...]) -> None:
    """Add the stacks of one environment: two that its models share, and three a model."""
    network = NetworkStack(app, names.network_stack(environment.name), environment=environment)
    foundation = FoundationStack(app, names.foundation_stack(environment.name), environment=environment)
    for model in models:
        settings = ModelSettings(resolve(model, environment), network, foundation)
        training = TrainingStack(app, names.training_stack(environment.name, model.name), settings=settings)
        release = ReleaseStack(app, names.release_stack(environment.name, model.name), settings=settings)
        # A destroy goes the other way round: serving, release, training.
        release.add_stack_dependency(training)
        serving = ServingStack(app, settings.resolved.serving_stack, settings=settings, role=release.endpoint_role)
        for stack in (training, release, serving):
            tag(stack, settings.resolved.tags)
    for shared in (network, foundation):
        tag(shared, environment.all_tags)
    follow_account(app, environment)
    refuse_placeholder(app, environment)
    protect(app, environment)
