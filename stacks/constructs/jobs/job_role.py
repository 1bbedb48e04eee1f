"""The role of one model's jobs: preparation, training and evaluation."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from specs import EnvironmentSpec, names
from stacks.constructs.archives.code_archive import CodeArchive
from stacks.constructs.containers.container_access import grant_container_access
from stacks.constructs.containers.images import Image, training_image
from stacks.constructs.security.bucket_access import grant_read, grant_read_write
from stacks.constructs.security.private_data import decrypt_data_set, use_of_key
from stacks.constructs.security.trust import service_of_this_account
from stacks.model_settings import ModelSettings


class JobRole(iam.Role):
    """Reads the model's data set and code; reads and writes the model's own artifacts."""

    def __init__(self, scope: Construct, id_: str, *, settings: ModelSettings, code: CodeArchive) -> None:
        super().__init__(scope, id_, assumed_by=service_of_this_account(scope, "sagemaker.amazonaws.com"))
        model, artifacts, key = settings.model, settings.foundation.artifacts, settings.foundation.key
        grant_read(self, settings.foundation.data, names.raw_data(model.data.dataset))
        grant_read_write(self, artifacts, names.artifacts(model.name))
        if model.evaluation.judge:
            grant_read(self, artifacts, f"{names.artifacts(model.evaluation.judge)}*/{names.MODELS}/")
        self._read_code(code)
        self._use_key(key)
        if model.data.encryption == "client-side":
            self.add_to_policy(decrypt_data_set(model.data.dataset, key.key_arn))
        grant_container_access(
            self,
            network=settings.network,
            images=_images(settings.environment),
            log_groups=["/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TrainingJobs"],
            metric_namespaces=["/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TrainingJobs"],
        )

    def _use_key(self, key: kms.Key) -> None:
        """Allow encrypted reads and writes. The grant is for AWS's own use: SageMaker attaches encrypted volumes."""
        self.add_to_policy(use_of_key(["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], key.key_arn))
        self.add_to_policy(
            iam.PolicyStatement(
                actions=["kms:CreateGrant"],
                resources=[key.key_arn],
                conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
            )
        )

    def _read_code(self, code: CodeArchive) -> None:
        """One object: SageMaker lists it as a prefix, then reads it."""
        self.add_to_policy(
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[code.bucket.arn_for_objects(code.s3_object_key)])
        )
        self.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[code.bucket.bucket_arn],
                conditions={"StringEquals": {"s3:prefix": code.s3_object_key}},
            )
        )


def _images(environment: EnvironmentSpec) -> list[Image]:
    """The images that the jobs run: one for each instance type, of which some repeat."""
    types = [environment.processing.instance_type, *(each.instance_type for each in environment.training.candidates)]
    return [training_image(environment, each) for each in types]
