"""The execution role of one model's endpoint."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

from specs import names
from stacks.constructs.containers.container_access import grant_container_access
from stacks.constructs.containers.images import inference_image
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.bucket_access import grant_objects
from stacks.constructs.security.private_data import use_of_key
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.security.trust import service_of_this_account
from stacks.model_settings import ModelSettings


class EndpointRole(iam.Role):
    """Reads its model's sealed archives and the rollback alarms, and nothing else of ours."""

    def __init__(self, scope: Construct, id_: str, *, settings: ModelSettings) -> None:
        super().__init__(scope, id_, assumed_by=service_of_this_account(scope, "sagemaker.amazonaws.com"))
        environment, foundation = settings.environment, settings.foundation
        sealed = names.artifacts(names.REGISTRY, settings.model.name)
        grant_objects(self, foundation.artifacts, sealed, ["s3:GetObject"])
        self.add_to_policy(use_of_key(["kms:Decrypt"], foundation.key.key_arn))
        grant_container_access(
            self,
            vpc=settings.network.models,
            images=[inference_image(environment, environment.serving.instance_type)],
            log_groups=[names.endpoint_logs(settings.resolved.endpoint)],
            metric_namespaces=["/aws/sagemaker/Endpoints"],
        )
        if environment.serving.canary:
            self._read_alarms(settings.resolved.serving_stack)

    def _read_alarms(self, serving_stack: str) -> None:
        """Source: SageMaker Developer Guide, "Auto-Rollback Configuration and Monitoring"."""
        alarms = arn(self, "cloudwatch", f"alarm:{serving_stack}-*")
        self.add_to_policy(allow(["cloudwatch:DescribeAlarms"], [alarms]))
        acknowledge_wildcards(
            self,
            "The alarm of an endpoint configuration bears its name, which CloudFormation makes up; SageMaker reads it "
            'as the execution role ("Auto-Rollback Configuration and Monitoring")',
            alarms,
        )
