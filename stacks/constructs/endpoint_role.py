"""The execution role of one model's endpoint."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from specs import EnvironmentSpec, ModelSpec
from stacks.constructs.bucket_access import grant_read
from stacks.constructs.container_access import grant_container_access
from stacks.constructs.images import inference_image
from stacks.constructs.trust import service_of_this_account
from stacks.names import endpoint_name
from stacks.network import NetworkStack


class EndpointRole(iam.Role):
    """Reads the model's own artifacts. It lives outside the serving stack, so that a release makes no role."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: ModelSpec,
        environment: EnvironmentSpec,
        network: NetworkStack,
        artifacts: s3.IBucket,
        key: kms.Key,
    ) -> None:
        super().__init__(scope, id_, assumed_by=service_of_this_account(scope, "sagemaker.amazonaws.com"))
        grant_read(self, artifacts, f"{model.name}/")
        grant_container_access(
            self,
            network=network,
            key=key,
            images=[inference_image(environment.region, environment.serving.instance_type)],
            log_groups=[f"/aws/sagemaker/Endpoints/{endpoint_name(environment, model)}"],
            metric_namespace="/aws/sagemaker/Endpoints",
        )
