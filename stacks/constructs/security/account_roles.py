"""The permissions boundary and the path that an account asks of every role.

Sources: AWS Identity and Access Management, "Permissions boundaries for IAM entities" and "IAM identifiers".
"""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import IConstruct

from specs import EnvironmentSpec


def follow_account(scope: IConstruct, environment: EnvironmentSpec) -> None:
    """Give every role below, those that the CDK makes included, the environment's boundary and path."""
    for construct in scope.node.find_all():
        if isinstance(construct, iam.CfnRole):
            if environment.boundary_arn is not None:
                construct.permissions_boundary = environment.boundary_arn
            if environment.roles.path != "/":
                construct.path = environment.roles.path
