"""Scaling of an endpoint by the requests that each instance gets."""

from __future__ import annotations

from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from specs import Autoscaling
from stacks.names import PRODUCTION_VARIANT


class EndpointAutoscaling(Construct):
    """Level 1 resources, because the L2 brings a role, and a release makes no role.

    Needs the endpoint, and is deleted before it: SageMaker keeps an endpoint that is still a scalable target.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        endpoint: sagemaker.CfnEndpoint,
        endpoint_name: str,
        min_instances: int,
        autoscaling_spec: Autoscaling,
    ) -> None:
        super().__init__(scope, id_)
        target = autoscaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace="sagemaker",
            resource_id=f"endpoint/{endpoint_name}/variant/{PRODUCTION_VARIANT}",
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            min_capacity=min_instances,
            max_capacity=autoscaling_spec.max_instances,
        )
        target.add_resource_dependency(endpoint)
        Policy = autoscaling.CfnScalingPolicy
        Policy(
            self,
            "Policy",
            policy_name="InvocationsPerInstance",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=Policy.TargetTrackingScalingPolicyConfigurationProperty(
                target_value=autoscaling_spec.invocations_per_instance,
                scale_in_cooldown=autoscaling_spec.scale_in_cooldown_seconds,
                scale_out_cooldown=autoscaling_spec.scale_out_cooldown_seconds,
                predefined_metric_specification=Policy.PredefinedMetricSpecificationProperty(
                    predefined_metric_type="SageMakerVariantInvocationsPerInstance"
                ),
            ),
        )
