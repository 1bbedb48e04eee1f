"""Who may do what: statements, trusts of services, ARNs of this account, and reasons for what cdk-nag finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import IConstruct

NETWORK_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
"""What SageMaker needs to place a job or a model into a VPC.

Source: SageMaker Developer Guide, "How to use SageMaker AI execution roles".
"""


def service(scope: IConstruct, name: str) -> iam.ServicePrincipal:
    """A service of AWS that acts for this account only (no confused deputy)."""
    return iam.ServicePrincipal(name, conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}})


def allow(
    actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
) -> iam.PolicyStatement:
    """One statement that allows exactly this."""
    return iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)


def pass_role(role: iam.IRole, to: str) -> iam.PolicyStatement:
    """Leave to hand a role to one service and no other."""
    return allow(["iam:PassRole"], [role.role_arn], {"StringEquals": {"iam:PassedToService": to}})


def arn(scope: IConstruct, service_name: str, resource: str) -> str:
    """The ARN of a resource in this account and region."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:{service_name}:{stack.region}:{stack.account}:{resource}"


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Say why one finding of the AwsSolutions pack stands: ``AwsSolutions-IAM5[Resource::*]``, not the whole rule."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions::{finding}", reason=reason))
