"""Accepting one finding of cdk-nag on one construct, with the reason, next to the construct."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_s3 as s3
from constructs import IConstruct


def acknowledge(construct: IConstruct, reason: str, *findings: str) -> None:
    """Accept findings such as `IAM5[Resource::*]` of the pack AwsSolutions on this construct and below it.

    A rule without its finding would also accept what comes later, so the bracket is demanded where the rule has one.
    """
    if not reason.strip():
        raise ValueError(f"{construct.node.path}: an acknowledgement of {', '.join(findings)} needs a reason")
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=f"AwsSolutions::AwsSolutions-{finding}", reason=reason) for finding in findings)
    )


def objects_finding(bucket: s3.IBucket, path: str) -> str:
    """The IAM5 finding on objects of a bucket of a shared stack, which cdk-nag names by the export that it uses."""
    stack = Stack.of(bucket)
    export = stack.resolve(stack.export_value(bucket.bucket_arn))["Fn::ImportValue"]
    return f"IAM5[Resource::{export}/{path}]"
