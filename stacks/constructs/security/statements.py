"""Statements and ARNs, in one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import IConstruct


def allow(
    actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
) -> iam.PolicyStatement:
    """One statement that allows exactly this."""
    return iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)


def tag_at_creation(operations: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
    """Allow tags in the requests of these operations of SageMaker, and on nothing that exists.

    Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker".
    """
    return allow(["sagemaker:AddTags"], resources, {"StringEquals": {"sagemaker:TaggingAction": list(operations)}})


def grant_key_to_services(key_arn: str) -> iam.PolicyStatement:
    """Allow AWS's services to use the key for what they encrypt: volumes of instances.

    Source: AWS KMS Developer Guide, "kms:GrantIsForAWSResource".
    """
    return allow(["kms:CreateGrant"], [key_arn], {"Bool": {"kms:GrantIsForAWSResource": "true"}})


def pass_role(role: iam.IRole, to: str) -> iam.PolicyStatement:
    """Allow passing the role to one service."""
    return allow(["iam:PassRole"], [role.role_arn], {"StringEquals": {"iam:PassedToService": to}})


def arn(scope: IConstruct, service: str, resource: str) -> str:
    """The ARN of a resource in this account and region."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:{service}:{stack.region}:{stack.account}:{resource}"
