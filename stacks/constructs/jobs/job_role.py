"""The permissions that every job of a model has, whatever its step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.archives.code_archive import CodeArchive
from stacks.constructs.containers.container_access import grant_container_access
from stacks.constructs.containers.images import training_image
from stacks.constructs.security.private_data import use_of_key
from stacks.constructs.security.statements import grant_key_to_services
from stacks.constructs.security.trust import service_of_this_account
from stacks.model_settings import ModelSettings


class JobRole(iam.Role):
    """Reads the model's code, uses the key, and runs its container on these instance types."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: ModelSettings,
        code: CodeArchive,
        kind: Literal["Processing", "Training"],
        instance_types: Sequence[str],
    ) -> None:
        super().__init__(scope, id_, assumed_by=service_of_this_account(scope, "sagemaker.amazonaws.com"))
        self._read_code(code)
        self._use_key(settings.foundation.key)
        grant_container_access(
            self,
            vpc=settings.network.jobs,
            images=[training_image(settings.environment, each) for each in instance_types],
            log_groups=[f"/aws/sagemaker/{kind}Jobs"],
            metric_namespaces=[f"/aws/sagemaker/{kind}Jobs"],
        )

    def _use_key(self, key: kms.Key) -> None:
        """Allow encrypted reads and writes, and the grant with which SageMaker attaches encrypted volumes."""
        self.add_to_policy(use_of_key(["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], key.key_arn))
        self.add_to_policy(grant_key_to_services(key.key_arn))

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
