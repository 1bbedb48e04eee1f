"""The endpoint with its model, configuration and scaling. All of it exists once a model is released."""

from __future__ import annotations

from aws_cdk import CfnCondition, CfnDeletionPolicy, CfnResource, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from specs import Canary, names
from stacks.constructs.catalog.instance_types import has_local_storage
from stacks.constructs.serving.endpoint_alarms import new_fleet_errors
from stacks.constructs.serving.scaled_variant import scale
from stacks.model_settings import ModelSettings


class LiveEndpoint(Construct):
    """Serves one model package; under ``released`` where that may be unset."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        package: str,
        role: iam.IRole,
        settings: ModelSettings,
        stack_name: str,
        released: CfnCondition | None,
    ) -> None:
        super().__init__(scope, id_)
        self._resolved = settings.resolved
        self._endpoint, self._serving = settings.resolved.endpoint, settings.environment.serving
        self._foundation = settings.foundation
        vpc = settings.network.models
        model = sagemaker.CfnModel(
            self,
            "Model",
            enable_network_isolation=True,  # it needs neither network nor credentials
            execution_role_arn=role.role_arn,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(model_package_name=package),
            vpc_config=sagemaker.CfnModel.VpcConfigProperty(
                security_group_ids=[vpc.security_group_id], subnets=list(vpc.subnet_ids)
            ),
        )
        self.config = self._configuration(model)
        live = self._live()
        for resource in (model, self.config, live):
            Tags.of(resource).add(names.STACK_TAG, stack_name)
        # A failed update may end InService on the old ones (docs/decisions/0004); the release workflow prunes them.
        for resource in (model, self.config):
            resource.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
            resource.cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
        if released:
            for child in self.node.find_all():
                if isinstance(child, CfnResource):
                    child.cfn_options.condition = released
        if self._serving.autoscaling:
            scale(self, live, settings=settings, autoscaling=self._serving.autoscaling, released=released)

    def _configuration(self, model: sagemaker.CfnModel) -> sagemaker.CfnEndpointConfig:
        serving = self._serving
        encrypted = not has_local_storage(serving.instance_type)
        return sagemaker.CfnEndpointConfig(
            self,
            "Config",
            kms_key_id=self._foundation.key.key_arn if encrypted else None,
            production_variants=[
                sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=names.PRODUCTION_VARIANT,
                    model_name=model.attr_model_name,
                    instance_type=serving.instance_type,
                    initial_instance_count=serving.instance_count,
                    initial_variant_weight=1,
                )
            ],
        )

    def _live(self) -> sagemaker.CfnEndpoint:
        canary = self._serving.canary
        live = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=self._endpoint,
            endpoint_config_name=self.config.attr_endpoint_config_name,
            deployment_config=self._deployment(canary) if canary else None,
        )
        if self._serving.autoscaling:
            # An update would reset the autoscaled instance count; captured data is the configuration's own affair.
            live.retain_all_variant_properties = True
            live.exclude_retained_variant_properties = [
                sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type="DataCaptureConfig")
            ]
        return live

    def _deployment(self, canary: Canary) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
        # Not the alarm of the whole endpoint: a failing old fleet would end the deployment that replaces it.
        errors = new_fleet_errors(
            self,
            "NewFleetErrors",
            resolved=self._resolved,
            config=self.config.attr_endpoint_config_name,
        )
        alarms = [sagemaker.CfnEndpoint.AlarmProperty(alarm_name=errors.alarm_name)]
        waits = canary.wait_seconds + canary.bake_seconds
        return sagemaker.CfnEndpoint.DeploymentConfigProperty(
            auto_rollback_configuration=sagemaker.CfnEndpoint.AutoRollbackConfigProperty(alarms=alarms),
            blue_green_update_policy=sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
                termination_wait_in_seconds=canary.bake_seconds,
                # The waits, and half an hour for instances to come up.
                maximum_execution_timeout_in_seconds=max(600, waits + 1800),
                traffic_routing_configuration=sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
                    type="CANARY",
                    canary_size=sagemaker.CfnEndpoint.CapacitySizeProperty(
                        type="CAPACITY_PERCENT", value=canary.percent
                    ),
                    wait_interval_in_seconds=canary.wait_seconds,
                ),
            ),
        )
