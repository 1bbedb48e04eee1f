"""Rules about [network] and [roles]: one VPC, ours or an existing one, and a boundary of the account."""

from __future__ import annotations

from collections.abc import Sequence

from specs import words
from specs.document import Document

_OF_EXISTING = ("subnet_ids", "service_security_group")
_EXISTING = "cidr for a VPC of its own, or vpc_id with subnet_ids and s3_prefix_list for an existing one"


def check(environments: Sequence[Document]) -> None:
    for environment in environments:
        if environment.sound("network") is not None:
            _one_vpc(environment)
        _own_boundary(environment)


def _one_vpc(environment: Document) -> None:
    given = {key for key in ("cidr", "vpc_id") if environment.sound("network", key) is not None}
    if given == {"cidr", "vpc_id"}:
        message = "the network has a range of its own, and an existing VPC"
        environment.refuse(("network", "vpc_id"), message, allowed=_EXISTING, write="nothing: remove one of the two")
    elif not given and not environment.has_refused(("network", "cidr")):
        write = 'cidr = "10.0.0.0/16"'
        environment.refuse(("network", "cidr"), "the network names no VPC", allowed=_EXISTING, write=write)
    elif given == {"vpc_id"}:
        _existing(environment)
    elif given:
        _own(environment)


def _existing(environment: Document) -> None:
    """Require subnets and S3's prefix list. Interface endpoints are the owner's."""
    if environment.value(("network", "subnet_ids")) is None:
        message = "an existing VPC needs subnets, two at least and in two zones"
        write = 'subnet_ids = ["subnet-…", "subnet-…"]'
        environment.refuse(("network", "subnet_ids"), message, allowed="2 to 16 subnets of the VPC", write=write)
    if environment.value(("network", "s3_prefix_list")) is None:
        message = "an existing VPC may have a way to the internet, which only S3's addresses keep closed"
        allowed = "aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.REGION.s3"
        write = 's3_prefix_list = "pl-…"'
        environment.refuse(("network", "s3_prefix_list"), message, allowed=allowed, write=write)
    if environment.sound("network", "interface_endpoints"):
        message = "the interface endpoints of an existing VPC are its owner's"
        allowed = 'service_security_group = "sg-…", the group of those endpoints'
        environment.refuse(("network", "interface_endpoints"), message, allowed=allowed, write="nothing: remove it")


def _own(environment: Document) -> None:
    for key in _OF_EXISTING:
        if environment.sound("network", key):
            message = "this belongs to an existing VPC, and the network has a range of its own"
            environment.refuse(("network", key), message, allowed=_EXISTING, write="nothing: remove it")


def _own_boundary(environment: Document) -> None:
    """Refuse a boundary of another account ("Permissions boundaries for IAM entities")."""
    account, boundary = environment.sound("account"), environment.sound("roles", "permissions_boundary")
    if account is None or boundary is None or not boundary.startswith("arn:"):
        return
    owner = boundary.split(":")[4]
    if owner not in (account, "aws"):
        message = "a permissions boundary is a policy of the same account, or of AWS"
        write = words.quoted(boundary.replace(f"::{owner}:", f"::{account}:"))
        allowed = f"a policy of {account}"
        environment.refuse(("roles", "permissions_boundary"), message, allowed=allowed, write=write)
