"""All stacks of one environment, wired to one another."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Annotations
from constructs import Construct

from specs import EnvironmentSpec, ModelSpec, Specs
from stacks.foundation import FoundationStack
from stacks.names import stack_name
from stacks.network import NetworkStack
from stacks.release import ReleaseStack
from stacks.serving import ServingStack
from stacks.training import TrainingStack


def build_stacks(scope: Construct, specs: Specs, environment: EnvironmentSpec, *, source_root: Path) -> None:
    """`source_root` is where `training/` and `inference/` are."""
    network = NetworkStack(scope, stack_name(environment, "network"), environment=environment)
    foundation = FoundationStack(scope, stack_name(environment, "foundation"), environment=environment)
    for model in specs.models:
        _build_model(scope, model, environment, network, foundation, source_root)
    if environment.has_placeholder_account:
        Annotations.of(scope).add_warning_v2("slipway:placeholder-account", placeholder_sentence(environment))


def _build_model(
    scope: Construct,
    model: ModelSpec,
    environment: EnvironmentSpec,
    network: NetworkStack,
    foundation: FoundationStack,
    source_root: Path,
) -> None:
    training = TrainingStack(
        scope,
        stack_name(environment, "training", model),
        model=model,
        environment=environment,
        network=network,
        foundation=foundation,
        source_root=source_root,
    )
    release = ReleaseStack(
        scope,
        stack_name(environment, "release", model),
        model=model,
        environment=environment,
        network=network,
        foundation=foundation,
    )
    # Nothing refers to the training stack, but destroying must go serving, release, training.
    release.add_stack_dependency(training)
    ServingStack(
        scope,
        stack_name(environment, "serving", model),
        model=model,
        environment=environment,
        network=network,
        foundation=foundation,
        release=release,
    )


def placeholder_sentence(environment: EnvironmentSpec) -> str:
    return (
        f"The account {environment.account} of {environment.name} is a placeholder, so it cannot be deployed: "
        f"write your account's number in {environment.account_line}"
    )
