"""Refusals of security groups, rules and subnets, as AWS has them."""

from __future__ import annotations

from sandbox.corrections.ec2.security_groups import refuse_wrong_rules
from sandbox.corrections.ec2.subnets import refuse_wrong_ranges

__all__ = ["refuse_wrong_networks"]


def refuse_wrong_networks() -> None:
    """Put AWS's checks before ministack's own operations."""
    refuse_wrong_rules()
    refuse_wrong_ranges()
