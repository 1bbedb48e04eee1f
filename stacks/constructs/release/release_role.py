"""The role under which CloudFormation updates the serving stack, and nothing else."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

from specs import names
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.statements import allow, arn, grant_key_to_services, pass_role, tag_at_creation
from stacks.constructs.security.trust import service_of_this_account
from stacks.model_settings import ModelSettings

SCALING_ROLE = (
    "role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


class ReleaseRole(iam.Role):
    """The least that an update of the serving stack needs.

    Without this role an update would run with the stack's stored one, by default an administrator.

    The actions are those that the resource types' handlers need (CloudFormation registry schemas, "handlers"), without
    those that change tags: an update keeps the template, and a tag on a foreign model would open it to deletion.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: ModelSettings,
        endpoint_role: iam.IRole,
    ) -> None:
        super().__init__(scope, id_, assumed_by=service_of_this_account(scope, "cloudformation.amazonaws.com"))
        endpoint, serving_stack = settings.resolved.endpoint, settings.resolved.serving_stack
        generated = [arn(self, "sagemaker", f"{kind}/*") for kind in ("model", "endpoint-config")]
        for statement in [
            *self._models(generated, serving_stack),
            *self._endpoint(endpoint),
            *self._alarms(serving_stack),
            *self._scaling(settings.model.name),
            pass_role(endpoint_role, "sagemaker.amazonaws.com"),
            allow(["kms:DescribeKey"], [settings.foundation.key.key_arn]),
            grant_key_to_services(settings.foundation.key.key_arn),
            allow(["iam:CreateServiceLinkedRole"], [f"arn:aws:iam::{self.stack.account}:{SCALING_ROLE}"]),
        ]:
            self.add_to_policy(statement)
        self._acknowledge_wildcards(endpoint, serving_stack, generated)

    def _models(self, generated: list[str], serving_stack: str) -> list[iam.PolicyStatement]:
        return [
            allow(
                [
                    "sagemaker:CreateModel",
                    "sagemaker:DescribeModel",
                    "sagemaker:CreateEndpointConfig",
                    "sagemaker:DescribeEndpointConfig",
                    "sagemaker:ListTags",
                ],
                generated,
            ),
            tag_at_creation(["CreateModel", "CreateEndpointConfig"], generated),
            allow(
                ["sagemaker:DeleteModel", "sagemaker:DeleteEndpointConfig"],
                generated,
                {"StringEquals": {f"aws:ResourceTag/{names.STACK_TAG}": serving_stack}},
            ),
        ]

    def _endpoint(self, endpoint: str) -> list[iam.PolicyStatement]:
        this_endpoint = arn(self, "sagemaker", f"endpoint/{endpoint}")
        return [
            allow(
                ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"],
                [this_endpoint, arn(self, "sagemaker", "endpoint-config/*")],
            ),
            allow(
                [
                    "sagemaker:DescribeEndpoint",
                    "sagemaker:DeleteEndpoint",
                    "sagemaker:ListTags",
                    "sagemaker:UpdateEndpointWeightsAndCapacities",
                ],
                [this_endpoint],
            ),
            tag_at_creation(["CreateEndpoint"], [this_endpoint]),
            allow(["sagemaker:DescribeModelPackage"], [arn(self, "sagemaker", f"model-package/{endpoint}/*")]),
        ]

    def _alarms(self, serving_stack: str) -> list[iam.PolicyStatement]:
        return [
            allow(
                ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms"],
                [arn(self, "cloudwatch", "alarm:*")],
            ),
            allow(
                ["cloudwatch:ListTagsForResource", "cloudwatch:TagResource"],
                [arn(self, "cloudwatch", f"alarm:{serving_stack}-*")],
            ),
        ]

    def _scaling(self, model: str) -> list[iam.PolicyStatement]:
        """Scaling of endpoint variants; the actions that read know no condition.

        Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Application Auto
        Scaling".
        """
        changes = ("RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy")
        reads = ("DescribeScalableTargets", "DescribeScalingPolicies", "ListTagsForResource")
        variants = {
            "application-autoscaling:service-namespace": "sagemaker",
            "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
        }
        return [
            allow([f"application-autoscaling:{verb}" for verb in changes], ["*"], {"StringEquals": variants}),
            allow([f"application-autoscaling:{verb}" for verb in reads], ["*"]),
            allow(
                ["application-autoscaling:TagResource"],
                [self._targets],
                {"StringEquals": {f"aws:RequestTag/{names.MODEL_TAG}": model}},
            ),
        ]

    @property
    def _targets(self) -> str:
        return arn(self, "application-autoscaling", "scalable-target/*")

    def _acknowledge_wildcards(self, endpoint: str, serving_stack: str, generated: list[str]) -> None:
        acknowledge_wildcards(
            self, "CloudFormation makes these names up; only what bears this stack's tag can be deleted", *generated
        )
        acknowledge_wildcards(
            self, "The registry gives the version numbers", arn(self, "sagemaker", f"model-package/{endpoint}/*")
        )
        acknowledge_wildcards(
            self,
            "CloudFormation makes up what follows the stack's name",
            arn(self, "cloudwatch", f"alarm:{serving_stack}-*"),
        )
        acknowledge_wildcards(
            self,
            "Before it registers a variant, Application Auto Scaling tries these actions without an alarm's name "
            '(its User Guide, "Permissions validation for Application Auto Scaling API calls on target resources")',
            arn(self, "cloudwatch", "alarm:*"),
        )
        acknowledge_wildcards(
            self,
            "A scalable target's ARN holds a random id, and listing knows none; changes are limited to endpoint "
            "variants",
            "*",
            self._targets,
        )
