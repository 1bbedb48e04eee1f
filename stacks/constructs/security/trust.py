"""Trust in an AWS service, and only on behalf of our own account."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct


def service_of_this_account(scope: Construct, service: str) -> iam.ServicePrincipal:
    """The service principal, bound to this account.

    No other account can then use the service as a confused deputy.

    Source: AWS Identity and Access Management, "The confused deputy problem".
    """
    return iam.ServicePrincipal(service, conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}})
