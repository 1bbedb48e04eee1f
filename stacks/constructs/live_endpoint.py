"""All that exists only while a model package is released: model, endpoint configuration, endpoint, scaling."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import CfnCondition, CfnDeletionPolicy, CfnResource, Stack, Tags
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from specs import EnvironmentServing
from stacks.constructs.alarms import server_errors_alarm
from stacks.constructs.autoscaling import EndpointAutoscaling
from stacks.constructs.canary import canary_deployment
from stacks.constructs.instance_types import has_local_storage
from stacks.names import PRODUCTION_VARIANT
from stacks.network import NetworkStack


class LiveEndpoint(Construct):
    """Serves `model_package`, an ARN or a parameter that holds one. Holds `model`, `configuration`, `endpoint`."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        endpoint_name: str,
        model_package: str,
        serving: EnvironmentServing,
        execution_role: iam.IRole,
        network: NetworkStack,
        key: kms.IKey,
        server_errors: cloudwatch.IAlarm,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, id_)
        self.model = self._model(model_package, execution_role, network)
        self.configuration = self._configuration(serving, key)
        deployment = None
        if serving.canary:
            name = self.configuration.attr_endpoint_config_name
            new_fleet = server_errors_alarm(
                self, "NewFleetErrors", {"EndpointName": endpoint_name, "EndpointConfigName": name}, topic
            )
            deployment = canary_deployment(serving.canary, [server_errors, new_fleet])
        self.endpoint = self._endpoint(endpoint_name, deployment)
        if serving.autoscaling:
            EndpointAutoscaling(
                self,
                "Autoscaling",
                endpoint=self.endpoint,
                endpoint_name=endpoint_name,
                min_instances=serving.instance_count,
                autoscaling_spec=serving.autoscaling,
            )
        self._tag_and_keep()

    def only_if(self, condition: CfnCondition) -> None:
        """Put everything here, and whatever is added later, under a condition."""
        for resource in self._resources():
            resource.cfn_options.condition = condition

    def _resources(self) -> Sequence[CfnResource]:
        return [child for child in self.node.find_all() if isinstance(child, CfnResource)]

    def _model(self, model_package: str, role: iam.IRole, network: NetworkStack) -> sagemaker.CfnModel:
        return sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=role.role_arn,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(model_package_name=model_package),
            vpc_config=sagemaker.CfnModel.VpcConfigProperty(
                security_group_ids=[network.security_group.security_group_id], subnets=network.subnet_ids
            ),
        )

    def _configuration(self, serving: EnvironmentServing, key: kms.IKey) -> sagemaker.CfnEndpointConfig:
        """No names here: a fixed name cannot be replaced."""
        local = has_local_storage(serving.instance_type)
        return sagemaker.CfnEndpointConfig(
            self,
            "Configuration",
            kms_key_id=None if local else key.key_arn,
            production_variants=[
                sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=PRODUCTION_VARIANT,
                    model_name=self.model.attr_model_name,
                    instance_type=serving.instance_type,
                    initial_instance_count=serving.instance_count,
                    initial_variant_weight=1,
                )
            ],
        )

    def _endpoint(
        self, name: str, deployment: sagemaker.CfnEndpoint.DeploymentConfigProperty | None
    ) -> sagemaker.CfnEndpoint:
        """Variant properties are retained, or each release would undo what autoscaling did; capture follows the file."""
        return sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=name,
            endpoint_config_name=self.configuration.attr_endpoint_config_name,
            deployment_config=deployment,
            retain_all_variant_properties=True,
            exclude_retained_variant_properties=[
                sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type="DataCaptureConfig")
            ],
        )

    def _tag_and_keep(self) -> None:
        """What a release replaces may still serve when CloudFormation would delete it: the workflow prunes it, by tag."""
        for resource in (self.model, self.configuration):
            resource.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
            resource.cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
        for resource in (self.model, self.configuration, self.endpoint):
            Tags.of(resource).add("slipway:stack", Stack.of(self).stack_name)
