"""A log group, kept for the days of its environment."""

from __future__ import annotations

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct


class LogGroup(logs.LogGroup):
    """Without a name CloudFormation generates one. AWS gives names to logs of its own services, such as endpoints."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        days: int,
        name: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        super().__init__(scope, id_, log_group_name=name, removal_policy=removal_policy)
        # The L2 takes an enumeration only; the spec has CloudWatch's own numbers.
        cast(logs.CfnLogGroup, self.node.default_child).retention_in_days = days
