"""The input of one model's stacks: the resolved model, and the stacks that it shares."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Environment

from specs import EnvironmentSpec, ModelSpec, ResolvedModel
from stacks.foundation import FoundationStack
from stacks.network import NetworkStack


@dataclass(frozen=True)
class ModelSettings:
    """A resolved model, and the network and foundation of its environment."""

    resolved: ResolvedModel
    network: NetworkStack
    foundation: FoundationStack

    @property
    def model(self) -> ModelSpec:
        return self.resolved.model

    @property
    def environment(self) -> EnvironmentSpec:
        """The environment with the model's overrides in it."""
        return self.resolved.environment

    @property
    def env(self) -> Environment:
        """The account and region, in the CDK's words."""
        return Environment(account=self.environment.account, region=self.environment.region)
