"""One subnet a zone, with a range that no other zone changes."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from specs.fields import ZONE_LETTERS


def zone_subnets(vpc: ec2.Vpc, *, cidr: str, zones: Sequence[str]) -> list[ec2.ISubnet]:
    """Isolated subnets of the zones, by their letters.

    The range is cut into one part for each letter that a zone can have, and all but the declared zones' stay free.
    Shared out among the declared zones alone, every range would change with a further zone, and AWS refuses a range
    that conflicts with the subnet that it replaces (Amazon EC2 API Reference, InvalidSubnet.Conflict).
    """
    whole = ipaddress.IPv4Network(cidr)
    parts = dict(zip(ZONE_LETTERS, whole.subnets(prefixlen_diff=(len(ZONE_LETTERS) - 1).bit_length()), strict=True))
    return [_isolated(vpc, zone, str(parts[zone[-1]])) for zone in sorted(zones)]


def _isolated(vpc: ec2.Vpc, zone: str, cidr: str) -> ec2.ISubnet:
    """A subnet with a route table, and no route but the VPC's own."""
    scope: Construct = vpc
    return ec2.PrivateSubnet(
        scope, f"Isolated{zone[-1].upper()}", vpc_id=vpc.vpc_id, availability_zone=zone, cidr_block=cidr
    )
