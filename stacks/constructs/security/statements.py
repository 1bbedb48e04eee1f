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


def pass_role(role: iam.IRole, to: str) -> iam.PolicyStatement:
    """Allow passing the role to one service."""
    return allow(["iam:PassRole"], [role.role_arn], {"StringEquals": {"iam:PassedToService": to}})


def arn(scope: IConstruct, service: str, resource: str) -> str:
    """The ARN of a resource in this account and region."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:{service}:{stack.region}:{stack.account}:{resource}"
