"""The record of runs: an MLflow App on SageMaker, and the role by which it keeps files."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from specs.environment import Tracking
from stacks.constructs.security.bucket_access import acknowledge_objects
from stacks.constructs.security.private_data import use_of_key
from stacks.constructs.security.statements import allow
from stacks.constructs.security.trust import service_of_this_account

ARTIFACTS = "tracking/"
"""The app's prefix in the artifact bucket, beside those of the models."""


class TrackingApp(Construct):
    """Holds `arn`. The app has no instance and no network of ours; it is reached by signed requests only.

    AWS's page grants the role s3:Get*, s3:Put*, s3:List* and the model registry ("Set up IAM permissions for MLflow
    Apps"); nothing is registered through MLflow here, and the rest is what MLflow's S3 store calls.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        tracking: Tracking,
        artifacts: s3.Bucket,
        key: kms.Key,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id_)
        role = iam.Role(
            self,
            "Role",
            assumed_by=service_of_this_account(self, "sagemaker.amazonaws.com"),
            inline_policies={"Artifacts": iam.PolicyDocument(statements=_access(artifacts, key))},
        )
        acknowledge_objects(role, artifacts, ARTIFACTS)
        app = sagemaker.CfnMlflowApp(
            self,
            "App",
            name=name,
            artifact_store_uri=f"s3://{artifacts.bucket_name}/{ARTIFACTS.rstrip('/')}",
            role_arn=role.role_arn,
            model_registration_mode="AutoModelRegistrationDisabled",
            weekly_maintenance_window_start=tracking.maintenance_window,
        )
        app.apply_removal_policy(removal_policy)
        role.apply_removal_policy(removal_policy)  # without its role an app that is kept shows no files
        self.arn = app.attr_arn


def _access(artifacts: s3.Bucket, key: kms.Key) -> list[iam.PolicyStatement]:
    """The role's own policy, a part of the role: CloudFormation cannot import a policy that is a resource."""
    return [
        allow(["s3:ListBucket"], [artifacts.bucket_arn], {"StringLike": {"s3:prefix": f"{ARTIFACTS}*"}}),
        allow(["s3:GetObject", "s3:PutObject"], [artifacts.arn_for_objects(f"{ARTIFACTS}*")]),
        use_of_key(["kms:Decrypt", "kms:GenerateDataKey"], key.key_arn),
    ]
