"""The role under which CloudFormation updates the serving stack for a release: it can do just that.

The actions are those that CloudFormation's resource handlers declare (registry schemas, "handlers"), and those that
SageMaker checks on the caller (Amazon SageMaker, "SageMaker API permissions").
"""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.release_context import ReleaseContext
from stacks.constructs.trust import service_of_this_account

SCALING_ROLE = "sagemaker.application-autoscaling.amazonaws.com"


class ReleaseRole(iam.Role):
    def __init__(self, scope: Construct, id_: str, *, context: ReleaseContext) -> None:
        super().__init__(scope, id_, assumed_by=service_of_this_account(scope, "cloudformation.amazonaws.com"))
        statements = [
            *_create(context),
            *_change(context),
            *_keys_and_roles(context),
            *_alarms(context),
            iam.PolicyStatement(actions=["cloudformation:ListExports"], resources=["*"]),
        ]
        if context.environment.serving.autoscaling:
            statements += _scaling(context)
        for statement in statements:
            self.add_to_policy(statement)
        _acknowledge(self, context)


def _create(context: ReleaseContext) -> list[iam.PolicyStatement]:
    """Only what carries the serving stack's tag from its first moment."""
    actions = ["Model", "EndpointConfig", "Endpoint"]
    return [
        iam.PolicyStatement(
            actions=[*(f"sagemaker:Create{noun}" for noun in actions), "sagemaker:AddTags"],
            resources=[*_resources(context), context.packages_arn],
            conditions={"StringEquals": {"aws:RequestTag/slipway:stack": context.serving_stack_name}},
        ),
        # CreateEndpoint is also checked against the configuration, and CreateModel against the package, as resources.
    ]


def _change(context: ReleaseContext) -> list[iam.PolicyStatement]:
    actions = [f"sagemaker:{verb}{noun}" for verb in ("Describe", "Delete") for noun in ("Model", "EndpointConfig")]
    return [
        iam.PolicyStatement(
            actions=[
                *actions,
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteTags",
                "sagemaker:DescribeEndpoint",
                "sagemaker:ListTags",
                "sagemaker:UpdateEndpoint",
            ],
            resources=_resources(context),
            conditions={"StringEquals": {"aws:ResourceTag/slipway:stack": context.serving_stack_name}},
        )
    ]


def _resources(context: ReleaseContext) -> list[str]:
    return [
        context.arn("sagemaker", "model", "*"),
        context.arn("sagemaker", "endpoint-config", "*"),
        context.arn("sagemaker", "endpoint", context.endpoint_name),
    ]


def _keys_and_roles(context: ReleaseContext) -> list[iam.PolicyStatement]:
    key = context.foundation.key.key_arn
    return [
        iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[context.endpoint_role.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
        iam.PolicyStatement(actions=["kms:DescribeKey"], resources=[key]),
        iam.PolicyStatement(
            actions=["kms:CreateGrant"],
            resources=[key],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]


def _alarm_arns(context: ReleaseContext) -> list[str]:
    """CloudFormation names alarms after the stack, Application Auto Scaling after the endpoint."""
    names = [f"{context.serving_stack_name}-*"]
    if context.environment.serving.autoscaling:
        names.append(f"TargetTracking-endpoint/{context.endpoint_name}/*")
    return [context.arn("cloudwatch", "alarm", name, ":") for name in names]


def _alarms(context: ReleaseContext) -> list[iam.PolicyStatement]:
    verbs = ["DeleteAlarms", "DescribeAlarms", "ListTagsForResource", "PutMetricAlarm", "TagResource", "UntagResource"]
    return [
        iam.PolicyStatement(actions=[f"cloudwatch:{verb}" for verb in verbs], resources=_alarm_arns(context)),
    ]


def _scaling(context: ReleaseContext) -> list[iam.PolicyStatement]:
    describe = ["ScalableTargets", "ScalingPolicies", "ScheduledActions"]
    change = ["DeleteScalingPolicy", "DeregisterScalableTarget", "PutScalingPolicy", "RegisterScalableTarget"]
    tagging = ["ListTagsForResource", "TagResource", "UntagResource"]
    service_linked = f"role/aws-service-role/{SCALING_ROLE}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    return [
        iam.PolicyStatement(
            actions=[f"application-autoscaling:Describe{noun}" for noun in describe], resources=["*"]
        ),
        iam.PolicyStatement(
            actions=[f"application-autoscaling:{verb}" for verb in [*change, *tagging]],
            resources=[context.arn("application-autoscaling", "scalable-target", "*")],
        ),
        iam.PolicyStatement(
            actions=["sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"],
            resources=[context.arn("sagemaker", "endpoint", context.endpoint_name)],
        ),
        iam.PolicyStatement(
            actions=["iam:CreateServiceLinkedRole"],
            resources=[f"arn:aws:iam::{context.environment.account}:{service_linked}"],
            conditions={"StringEquals": {"iam:AWSServiceName": SCALING_ROLE}},
        ),
    ]


def _acknowledge(role: iam.Role, context: ReleaseContext) -> None:
    acknowledge(
        role,
        "Listing exports and describing scaling cannot be limited to a resource",
        "IAM5[Resource::*]",
    )
    acknowledge(
        role,
        "CloudFormation names what a release makes; the condition allows only what carries the serving stack's tag",
        f"IAM5[Resource::{context.arn('sagemaker', 'model', '*')}]",
        f"IAM5[Resource::{context.arn('sagemaker', 'endpoint-config', '*')}]",
        f"IAM5[Resource::{context.packages_arn}]",
    )
    acknowledge(
        role,
        "CloudFormation and Application Auto Scaling end the names of alarms; how they begin is exact",
        *(f"IAM5[Resource::{arn}]" for arn in _alarm_arns(context)),
    )
    if context.environment.serving.autoscaling:
        acknowledge(
            role,
            "Application Auto Scaling chooses the id of a scalable target",
            f"IAM5[Resource::{context.arn('application-autoscaling', 'scalable-target', '*')}]",
        )
