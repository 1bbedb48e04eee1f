"""Ranges of subnets that AWS refuses, by the API and by stacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from template_lab import Stack, Template, resource, template

VPC = resource("AWS::EC2::VPC", CidrBlock="10.20.0.0/16")


@pytest.fixture(scope="module")
def vpc(aws: Callable[[str], Any]) -> str:
    """A VPC of 10.20.0.0/16 with one subnet, 10.20.0.0/17."""
    made = aws("ec2").create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    aws("ec2").create_subnet(VpcId=made, CidrBlock="10.20.0.0/17")
    return made


CONFLICT = ("InvalidSubnet.Conflict", "The CIDR '{}' conflicts with another subnet")
RANGE = ("InvalidSubnet.Range", "The CIDR '{}' is invalid.")
REFUSED = {
    "the same range": ("10.20.0.0/17", *CONFLICT),
    "a part of it": ("10.20.64.0/18", *CONFLICT),
    "the whole VPC": ("10.20.0.0/16", *CONFLICT),
    "bits after the prefix, which AWS drops": ("10.20.0.9/18", *CONFLICT),
    "outside the VPC": ("10.21.0.0/17", *RANGE),
    "larger than the VPC": ("10.0.0.0/8", *RANGE),
    "too small": ("10.20.128.0/29", *RANGE),
    "no prefix": ("10.20.128.0", *RANGE),
    "no range": ("10.20", "InvalidParameterValue", r"Value \({}\) for parameter cidrBlock is invalid."),
}


@pytest.mark.parametrize(("cidr", "code", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_range_is_refused(aws: Callable[[str], Any], vpc: str, cidr: str, code: str, sentence: str) -> None:
    with pytest.raises(ClientError, match=f"{code}.*{sentence.format(cidr)}"):
        aws("ec2").create_subnet(VpcId=vpc, CidrBlock=cidr)


def test_a_subnet_of_no_vpc_is_refused(aws: Callable[[str], Any]) -> None:
    with pytest.raises(ClientError, match=r"InvalidVpcID.NotFound.*The vpc ID 'vpc-12345678' does not exist"):
        aws("ec2").create_subnet(VpcId="vpc-12345678", CidrBlock="10.0.0.0/24")


def test_the_range_beside_another_is_free(aws: Callable[[str], Any], vpc: str) -> None:
    made = aws("ec2").create_subnet(VpcId=vpc, CidrBlock="10.20.128.0/24")["Subnet"]
    aws("ec2").delete_subnet(SubnetId=made["SubnetId"])
    again = aws("ec2").create_subnet(VpcId=vpc, CidrBlock="10.20.128.0/24")["Subnet"]
    aws("ec2").delete_subnet(SubnetId=again["SubnetId"])


def subnet(cidr: str) -> Template:
    return resource("AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock=cidr, AvailabilityZone="us-east-1a")


def test_a_range_that_changes_conflicts_with_the_one_that_it_replaces(aws: Callable[[str], Any], stack: Stack) -> None:
    """A replacement is made before the old one is deleted ("Update behaviors of stack resources")."""
    stack.deploy(template(Vpc=VPC, First=subnet("10.20.0.0/17"), Second=subnet("10.20.128.0/17")))
    before = stack.physical_id("First")
    with pytest.raises(WaiterError):
        stack.deploy(template(Vpc=VPC, First=subnet("10.20.0.0/18"), Second=subnet("10.20.64.0/18")))
    reasons = {
        event.get("ResourceStatusReason", "")
        for event in stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    }
    assert any("The CIDR '10.20.0.0/18' conflicts with another subnet" in reason for reason in reasons)
    assert stack.physical_id("First") == before
