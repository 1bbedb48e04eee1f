"""The serving stack of one model: alarms always, the endpoint once a model is released."""

from __future__ import annotations

from aws_cdk import CfnCondition, CfnOutput, CfnParameter, DefaultStackSynthesizer, Fn, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from specs import ResolvedModel
from stacks.constructs.serving.endpoint_alarms import add_alarms
from stacks.constructs.serving.live_endpoint import LiveEndpoint
from stacks.model_settings import ModelSettings


class ServingStack(Stack):
    """Holds no role and no workflow: every release updates it, under a role that could not make either."""

    def __init__(self, scope: Construct, id_: str, *, settings: ModelSettings, role: iam.IRole) -> None:
        # The bootstrap version's parameter would ask the release role for a right on SSM.
        synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        super().__init__(scope, id_, synthesizer=synthesizer, env=settings.env)
        endpoint = settings.resolved.endpoint
        add_alarms(self, settings.resolved, settings.foundation.alarms)
        CfnOutput(self, "EndpointName", value=endpoint)
        package, released = self._package(settings.resolved)
        if package is None:
            return
        live = LiveEndpoint(
            self,
            "Live",
            package=package,
            role=role,
            settings=settings,
            stack_name=self.stack_name,
            released=released,
        )
        CfnOutput(self, "EndpointConfigName", value=live.config.attr_endpoint_config_name, condition=released)
        # Parameter and output bear one name, in two sections of the template.
        CfnOutput(self, "Released", value=package, condition=released).override_logical_id("ReleasedModelPackage")

    def _package(self, resolved: ResolvedModel) -> tuple[str | None, CfnCondition | None]:
        """The package and its condition: a literal where the environment pins, else the release's parameter."""
        release, name = resolved.environment.release, resolved.model.name
        if release.source == "pin":
            return _version(resolved, release.pinned.get(name)), None
        parameter = CfnParameter(
            self,
            "ReleasedModelPackage",
            default=_version(resolved, release.initial.get(name)) or "",
            description="The model package in service; written by the release workflow.",
        )
        value = parameter.value_as_string
        return value, CfnCondition(self, "IsReleased", expression=Fn.condition_not(Fn.condition_equals(value, "")))


def _version(resolved: ResolvedModel, version: int | None) -> str | None:
    if version is None:
        return None
    environment, group = resolved.environment, resolved.model_package_group
    return f"arn:aws:sagemaker:{environment.region}:{environment.account}:model-package/{group}/{version}"
