"""Accept a finding of cdk-nag on one construct, with the reason, next to the construct."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reason: str, *findings: str) -> None:
    """Accept findings such as `IAM5[Resource::*]` of the pack AwsSolutions on this construct and below it.

    A rule without its bracket would also accept later findings, so the bracket is required where the rule has one.
    """
    if not reason.strip():
        raise ValueError(f"{construct.node.path}: an acknowledgement of {', '.join(findings)} needs a reason")
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=f"AwsSolutions::AwsSolutions-{finding}", reason=reason) for finding in findings)
    )


def acknowledge_wildcards(construct: IConstruct, reason: str, *resources: str) -> None:
    """Accept resources with a wildcard in the statements of a role."""
    acknowledge(construct, reason, *(f"IAM5[Resource::{resource}]" for resource in resources))
