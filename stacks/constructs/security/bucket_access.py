"""Reading and writing below one prefix of a bucket, with exact actions: the CDK's own grants bring `s3:GetObject*`."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from stacks.constructs.security.acknowledge import acknowledge_wildcards


def grant_read(role: iam.Role, bucket: s3.IBucket, prefix: str) -> None:
    """Objects with keys that begin with `prefix`, and their list."""
    _grant(role, bucket, prefix, ["s3:GetObject"])


def grant_write(role: iam.Role, bucket: s3.IBucket, prefix: str) -> None:
    """Objects below `prefix` written, not read."""
    grant_objects(role, bucket, prefix, ["s3:AbortMultipartUpload", "s3:PutObject"])


def grant_synchronize(role: iam.Role, bucket: s3.IBucket, prefix: str) -> None:
    """Objects below `prefix` read, written and deleted: a folder and its copy in S3."""
    _grant(role, bucket, prefix, ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"])


def _grant(role: iam.Role, bucket: s3.IBucket, prefix: str, actions: list[str]) -> None:
    grant_objects(role, bucket, prefix, actions)
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": f"{prefix}*"}},
        )
    )


def grant_objects(role: iam.Role, bucket: s3.IBucket, prefix: str, actions: list[str]) -> None:
    """Single objects below `prefix`, for a role that is told their names."""
    objects = bucket.arn_for_objects(f"{prefix}*")
    role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[objects]))
    acknowledge_objects(role, bucket, prefix)


def acknowledge_objects(role: iam.Role, bucket: s3.IBucket, prefix: str) -> None:
    """Accept that a role may use every object below `prefix`."""
    acknowledge_wildcards(
        role,
        f"The names of the objects below {prefix} are known at run time only",
        f"{_named(role, bucket)}/{prefix}*",
    )


def _named(role: iam.Role, bucket: s3.IBucket) -> str:
    """The bucket's name in cdk-nag's findings on a role's policy."""
    stack = Stack.of(role)
    if Stack.of(bucket) is not stack:
        return imported(bucket.bucket_arn, bucket)
    return f"<{stack.resolve(bucket.bucket_arn)['Fn::GetAtt'][0]}.Arn>"


def imported(value: str, owner: IConstruct) -> str:
    """An attribute of another stack in cdk-nag's findings: the name of its export."""
    stack = Stack.of(owner)
    return stack.resolve(stack.export_value(value))["Fn::ImportValue"]
