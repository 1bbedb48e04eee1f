"""The traffic between the hosts of a job that its security groups have to allow.

Sources: SageMaker Developer Guide, "Give SageMaker AI Training Jobs Access to Resources in Your Amazon VPC", "Give
SageMaker AI Processing Jobs Access to Resources in Your Amazon VPC", and "Protect Communications Between ML Compute
Instances in a Distributed Training Job" (UDP 500 and the IP protocol 50, ESP).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.frame.host import Host


@dataclass(frozen=True)
class Traffic:
    """A kind of traffic: the names of its protocol, and its port where it has one."""

    words: str
    protocols: tuple[str, ...]
    port: int | None = None


_BETWEEN_HOSTS = (Traffic("TCP", ("tcp", "6")),)
_ENCRYPTED = (Traffic("UDP on port 500", ("udp", "17"), 500), Traffic("IP protocol 50 (ESP)", ("50", "esp")))
_DIRECTIONS = {"inbound": "IpPermissions", "outbound": "IpPermissionsEgress"}
_ANY = "-1"


def blocked(host: Host, description: Mapping[str, Any]) -> str | None:
    """The failure of a job if its security groups keep its hosts apart, or None."""
    given = {**description, **description.get("NetworkConfig", {})}
    vpc = given.get("VpcConfig")
    if vpc is None:
        return None
    wanted = _BETWEEN_HOSTS + (_ENCRYPTED if given.get("EnableInterContainerTrafficEncryption") else ())
    ec2 = host.client("ec2")
    groups = ec2.describe_security_groups(GroupIds=vpc["SecurityGroupIds"])["SecurityGroups"]
    subnets = ec2.describe_subnets(SubnetIds=vpc["Subnets"])["Subnets"]
    places = [ipaddress.IPv4Network(subnet["CidrBlock"], strict=False) for subnet in subnets]
    missing = [
        f"{direction} {traffic.words}"
        for direction, key in _DIRECTIONS.items()
        for traffic in wanted
        if not any(_allows(rule, traffic, vpc["SecurityGroupIds"], places) for group in groups for rule in group[key])
    ]
    if not missing:
        return None
    return (
        f"ClientError: The hosts of this job cannot reach one another: security groups "
        f"{', '.join(vpc['SecurityGroupIds'])} allow no {', no '.join(missing)} between their members. Add rules whose "
        "source and destination are the group itself."
    )


def _allows(rule: Mapping[str, Any], traffic: Traffic, members: list[str], places: list[ipaddress.IPv4Network]) -> bool:
    if rule["IpProtocol"] == _ANY:
        return _is_for_members(rule, members, places)
    if rule["IpProtocol"] not in traffic.protocols:
        return False
    if traffic.port is not None and not rule["FromPort"] <= traffic.port <= rule["ToPort"]:
        return False
    return _is_for_members(rule, members, places)


def _is_for_members(rule: Mapping[str, Any], members: list[str], places: list[ipaddress.IPv4Network]) -> bool:
    """Tell whether a rule's peers are the groups' members: by group, or by a range around all subnets."""
    if any(pair.get("GroupId") in members for pair in rule.get("UserIdGroupPairs", [])):
        return True
    ranges = [ipaddress.IPv4Network(peer["CidrIp"], strict=False) for peer in rule.get("IpRanges", [])]
    return any(all(place.subnet_of(each) for place in places) for each in ranges)
