"""Create resources after the policy of their role; AWS checks it at creation."""

from __future__ import annotations

from aws_cdk import CfnResource
from aws_cdk import aws_iam as iam
from constructs import IConstruct


def after_policy(resource: IConstruct | None, role: iam.Role) -> None:
    """Depend on the role's policy alone: to the role itself the resource refers anyway (cfn-lint W3005)."""
    policy = role.node.find_child("DefaultPolicy").node.default_child
    assert isinstance(resource, CfnResource)
    assert isinstance(policy, CfnResource)
    resource.add_override("DependsOn", [policy.logical_id])
