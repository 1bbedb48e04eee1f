"""Amazon EC2, as the sandbox offers it: two resource types on top of ministack's API."""

from __future__ import annotations

from sandbox.frame.host import Host
from sandbox.frame.service import Service
from sandbox.services.ec2.security_group_rule_type import EGRESS, INGRESS, SecurityGroupRuleType


def declare(host: Host) -> Service:
    """The service, ready to be offered."""
    return Service(
        name="ec2",
        title="Amazon EC2",
        resource_types={
            "AWS::EC2::SecurityGroupEgress": SecurityGroupRuleType(host, EGRESS),
            "AWS::EC2::SecurityGroupIngress": SecurityGroupRuleType(host, INGRESS),
        },
    )
