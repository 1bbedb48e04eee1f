"""Automatic scaling of an endpoint's variant, which must be off while its instance type changes.

AWS refuses an update that changes the instance type of a scaled variant, and CloudFormation deletes only after it has
updated. So a parameter says for which type the variant is scaled; a deploy that declares another type is refused before
anything changes, and `operations resize` takes the three steps (docs/decisions/0023).
Source: SageMaker Developer Guide, "Update endpoints that use auto scaling".
"""

from __future__ import annotations

from typing import cast

from aws_cdk import CfnCondition, CfnParameter, CfnRule, CfnRuleAssertion, Fn, ICfnConditionExpression, Stack
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from specs import Autoscaling, hints, names
from stacks.model_settings import ModelSettings


def scale(
    scope: Construct,
    live: sagemaker.CfnEndpoint,
    *,
    settings: ModelSettings,
    autoscaling: Autoscaling,
    released: CfnCondition | None,
) -> None:
    """Register the endpoint's variant, and track its invocations, while the parameter names its instance type."""
    serving = settings.environment.serving
    scaled = _scaled(scope, settings, released)
    # The L2 target would add a role to a stack that holds none.
    target = scaling.CfnScalableTarget(
        scope,
        "Scaling",
        service_namespace="sagemaker",
        resource_id=f"endpoint/{settings.resolved.endpoint}/variant/{names.PRODUCTION_VARIANT}",
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        min_capacity=serving.instance_count,
        max_capacity=autoscaling.max_instances,
    )
    target.add_resource_dependency(live)
    policy = scaling.CfnScalingPolicy
    tracking = policy(
        scope,
        "TargetTracking",
        policy_name="invocations",
        policy_type="TargetTrackingScaling",
        scaling_target_id=target.ref,
        target_tracking_scaling_policy_configuration=policy.TargetTrackingScalingPolicyConfigurationProperty(
            target_value=autoscaling.invocations_per_instance,
            scale_in_cooldown=autoscaling.scale_in_cooldown_seconds,
            scale_out_cooldown=autoscaling.scale_out_cooldown_seconds,
            predefined_metric_specification=policy.PredefinedMetricSpecificationProperty(
                predefined_metric_type="SageMakerVariantInvocationsPerInstance"
            ),
        ),
    )
    for resource in (target, tracking):
        resource.cfn_options.condition = scaled


def _scaled(scope: Construct, settings: ModelSettings, released: CfnCondition | None) -> CfnCondition:
    """The condition of scaling, and the rule that refuses another instance type."""
    stack, declared = Stack.of(scope), settings.environment.serving.instance_type
    parameter = CfnParameter(
        stack,
        names.SCALED_TYPE,
        default=declared,
        description="The instance type that automatic scaling is on for; empty while `operations resize` changes it.",
    )
    value = parameter.value_as_string
    command = hints.resize(*settings.resolved.place)
    CfnRule(
        stack,
        "SameInstanceType",
        assertions=[
            CfnRuleAssertion(
                assert_=Fn.condition_contains(["", declared], value),
                assert_description=(
                    f"The instance type of {settings.resolved.endpoint} changes to {declared} while it is scaled "
                    f"automatically, which AWS refuses. Nothing was changed. Run `{command}` instead."
                ),
            )
        ],
    )
    same = Fn.condition_equals(value, declared)
    both = Fn.condition_and(cast(ICfnConditionExpression, released), same) if released else same
    return CfnCondition(stack, "IsScaled", expression=both)
