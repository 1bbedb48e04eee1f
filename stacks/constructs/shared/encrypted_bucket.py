"""A bucket for data of people and jobs: encrypted, private, TLS only, versioned, with access logs."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

NONCURRENT_DAYS = 30
"""How long an overwritten or deleted object can be brought back."""


class EncryptedBucket(s3.Bucket):
    """A bucket of people's or jobs' data. Objects below a prefix of `expiry` expire after its days.

    A version that was overwritten or deleted stays for 30 days; its delete marker goes when it is the only version.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        key: kms.Key,
        access_logs: s3.Bucket,
        removal_policy: RemovalPolicy,
        expiry: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(
            scope,
            id_,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"{id_.lower()}/",
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=Duration.days(NONCURRENT_DAYS),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                    expired_object_delete_marker=True,
                ),
                *(_expiring(prefix, days) for prefix, days in sorted((expiry or {}).items())),
            ],
            removal_policy=removal_policy,
        )


def _expiring(prefix: str, days: int) -> s3.LifecycleRule:
    """Expire files that can be made again, and keep their deleted versions for a day.

    A current version expires into a delete marker, and its storage is paid until the noncurrent version goes; a
    training deletes checkpoints at every save. Of two rules for one version, S3 follows the shorter. Source: Amazon S3
    User Guide, "Expiring objects" and "How Amazon S3 handles conflicts in lifecycle configurations".
    """
    return s3.LifecycleRule(
        prefix=prefix, expiration=Duration.days(days), noncurrent_version_expiration=Duration.days(1)
    )


class AccessLogBucket(s3.Bucket):
    """The access logs of the other buckets. S3 delivers them with its own key only."""

    def __init__(self, scope: Construct, id_: str, *, days: int, removal_policy: RemovalPolicy) -> None:
        super().__init__(
            scope,
            id_,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(days))],
            removal_policy=removal_policy,
        )
