"""Serving of one model. A release updates this stack, so it holds no role and no workflow."""

from __future__ import annotations

from aws_cdk import CfnCondition, CfnOutput, CfnParameter, DefaultStackSynthesizer, Environment, Fn, Stack
from constructs import Construct

from specs import EnvironmentSpec, ModelSpec
from stacks.constructs.alarms import EndpointAlarms
from stacks.constructs.endpoint_dashboard import EndpointDashboard
from stacks.constructs.live_endpoint import LiveEndpoint
from stacks.constructs.stack_reading import CONFIGURATION_KEY, PARAMETER_KEY
from stacks.foundation import FoundationStack
from stacks.names import endpoint_name, model_package_arn
from stacks.network import NetworkStack
from stacks.release import ReleaseStack


class ServingStack(Stack):
    """Deploys with no released model: then it holds alarms and a dashboard only."""

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
    ) -> None:
        super().__init__(
            scope,
            id_,
            env=Environment(account=environment.account, region=environment.region),
            # Without the bootstrap version's parameter, a release needs no right to read SSM.
            synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        name = endpoint_name(environment, model)
        alarms = EndpointAlarms(self, "Alarms", endpoint_name=name, topic=foundation.alarms)
        EndpointDashboard(self, "Dashboard", endpoint_name=name)
        CfnOutput(self, "EndpointName", value=name)
        package, condition = _released(self, model, environment)
        if package is None:
            return
        live = LiveEndpoint(
            self,
            "Live",
            endpoint_name=name,
            model_package=package,
            serving=environment.serving,
            execution_role=release.endpoint_role,
            network=network,
            key=foundation.key,
            server_errors=alarms.server_errors,
            topic=foundation.alarms,
        )
        if condition:
            live.only_if(condition)
        for key, value in [
            (CONFIGURATION_KEY, live.configuration.attr_endpoint_config_name),
            (PARAMETER_KEY, package),
        ]:
            CfnOutput(live, key, value=value, condition=condition).override_logical_id(key)


def _released(
    stack: Stack, model: ModelSpec, environment: EnvironmentSpec
) -> tuple[str | None, CfnCondition | None]:
    """The package that serves, and under which condition: a literal where pinned, else what releases set."""
    release = environment.release
    if release.source == "pin":
        version = release.pinned.get(model.name)
        return (model_package_arn(environment, model, version) if version else None), None
    initial = release.initial.get(model.name)
    parameter = CfnParameter(
        stack,
        PARAMETER_KEY,
        default=model_package_arn(environment, model, initial) if initial else "",
        description="ARN of the model package in service; empty: none. Set by the release workflow.",
    )
    package = parameter.value_as_string
    condition = CfnCondition(
        stack, "HasRelease", expression=Fn.condition_not(Fn.condition_equals(package, ""))
    )
    return package, condition
