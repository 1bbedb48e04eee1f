"""The ranges of subnets: inside their VPC's, and apart from one another.

Source: Amazon EC2 API Reference, "CreateSubnet" and "Error codes" (InvalidSubnet.Conflict, InvalidSubnet.Range).
"""

from __future__ import annotations

import ipaddress
from typing import Any

from ministack.services import ec2

from sandbox.corrections.cloudformation.resources.resource_checks import check_creation
from sandbox.corrections.ec2.refusals import Ec2Error, check_operation

NAMES = {"ministack.services.ec2": "_p _subnets _vpcs"}
OVERRIDES = {
    "EC2: CreateSubnet, AWS::EC2::Subnet": "ministack takes ranges that overlap another subnet's, or leave the VPC's"
}
_LARGEST, _SMALLEST = 16, 28


def refuse_wrong_ranges() -> None:
    check_operation("CreateSubnet", lambda p: _require_free(ec2._p(p, "VpcId"), ec2._p(p, "CidrBlock")))
    check_creation("AWS::EC2::Subnet", lambda properties: _require_free(*_declared(properties)))


def _declared(properties: dict[str, Any]) -> tuple[str, str]:
    return properties.get("VpcId", ""), properties.get("CidrBlock", "")


def _require_free(vpc_id: str, cidr: str) -> None:
    """Raise Ec2Error unless the range is a free part of the VPC's. Ranges that ministack chooses pass."""
    if not vpc_id or not cidr:
        return
    if vpc_id not in ec2._vpcs:
        raise Ec2Error("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")
    wanted = _range(cidr)
    if not wanted.subnet_of(_range(ec2._vpcs[vpc_id]["CidrBlock"])):
        raise Ec2Error("InvalidSubnet.Range", f"The CIDR '{cidr}' is invalid.")
    if any(wanted.overlaps(_range(each["CidrBlock"])) for each in _subnets_of(vpc_id)):
        raise Ec2Error("InvalidSubnet.Conflict", f"The CIDR '{cidr}' conflicts with another subnet")


def _subnets_of(vpc_id: str) -> list[dict[str, Any]]:
    return [subnet for subnet in ec2._subnets.values() if subnet["VpcId"] == vpc_id]


def _range(cidr: str) -> ipaddress.IPv4Network:
    """The range of a subnet or VPC; AWS drops the bits after its prefix. Raises Ec2Error for other text."""
    try:
        found = ipaddress.IPv4Network(cidr, strict=False)
    except ValueError:
        raise Ec2Error("InvalidParameterValue", f"Value ({cidr}) for parameter cidrBlock is invalid.") from None
    if not _LARGEST <= found.prefixlen <= _SMALLEST:
        raise Ec2Error("InvalidSubnet.Range", f"The CIDR '{cidr}' is invalid.")
    return found
