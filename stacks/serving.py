"""The serving stack of one model: alarms always, the endpoint once a model is released."""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnCondition, CfnOutput, CfnParameter, DefaultStackSynthesizer, Fn, Stack
from constructs import Construct

from specs import EnvironmentSpec, ModelSpec, names
from stacks.constructs.serving import endpoint_alarms
from stacks.constructs.serving.live_endpoint import LiveEndpoint
from stacks.foundation import FoundationStack
from stacks.network import NetworkStack
from stacks.release import ReleaseStack


class ServingStack(Stack):
    """Holds no role and no workflow: every release updates it, under a role that could not make either."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: ModelSpec,
        environment: EnvironmentSpec,
        network: NetworkStack,
        foundation: FoundationStack,
        release: ReleaseStack,
        **options: Any,
    ) -> None:
        # The bootstrap version's parameter would ask the release role for a right on SSM.
        synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        super().__init__(scope, id_, synthesizer=synthesizer, **options)
        endpoint = names.endpoint(environment.name, model.name)
        errors = endpoint_alarms.errors(self, "Errors", endpoint=endpoint, topic=foundation.alarms)
        endpoint_alarms.latency(self, "Latency", endpoint=endpoint, topic=foundation.alarms)
        CfnOutput(self, "EndpointName", value=endpoint)
        package, released = self._package(model, environment)
        if package is None:
            return
        live = LiveEndpoint(
            self,
            "Live",
            endpoint=endpoint,
            package=package,
            role=release.endpoint_role,
            serving=environment.serving,
            network=network,
            foundation=foundation,
            errors=errors,
            stack_name=self.stack_name,
            released=released,
        )
        CfnOutput(self, "EndpointConfigName", value=live.config.attr_endpoint_config_name, condition=released)
        # Parameter and output bear one name, in two sections of the template.
        CfnOutput(self, "Released", value=package, condition=released).override_logical_id("ReleasedModelPackage")

    def _package(self, model: ModelSpec, environment: EnvironmentSpec) -> tuple[str | None, CfnCondition | None]:
        """What to serve, and when: a literal where the environment pins, else the release's parameter."""
        release = environment.release
        if release.source == "pin":
            return _version(environment, model, release.pinned.get(model.name)), None
        parameter = CfnParameter(
            self,
            "ReleasedModelPackage",
            default=_version(environment, model, release.initial.get(model.name)) or "",
            description="The model package in service; written by the release workflow.",
        )
        value = parameter.value_as_string
        return value, CfnCondition(self, "IsReleased", expression=Fn.condition_not(Fn.condition_equals(value, "")))


def _version(environment: EnvironmentSpec, model: ModelSpec, version: int | None) -> str | None:
    if version is None:
        return None
    group = names.model_package_group(environment.name, model.name)
    return f"arn:aws:sagemaker:{environment.region}:{environment.account}:model-package/{group}/{version}"
