"""Zones of a deployed environment, and its roles, where the account allows bounded ones only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_cdk import App, Environment
from aws_cdk import Stack as CdkStack
from aws_cdk import aws_ec2 as ec2
from botocore.exceptions import WaiterError
from reference_model import MODEL, pinned
from template_lab import Stack

from specs import EnvironmentSpec, ModelSpec, Roles, Specs

Template = dict[str, Any]
NAME = "zones"
BOUNDARY = "zones-boundary"
_ROLES = ("CreateRole", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary")


class BoundedStack(Stack):
    """A stack under a role that may make bounded roles only, below one path."""

    def __init__(self, aws: Callable[[str], Any], name: str, role: str) -> None:
        super().__init__(aws, name)
        self._role = role

    def _request(self, body: Template, parameters: dict[str, str]) -> Template:
        return super()._request(body, parameters) | {"RoleARN": self._role}


def deploying_role(aws: Callable[[str], Any]) -> str:
    """Make the boundary, and the role that CloudFormation deploys with."""
    iam, everything = aws("iam"), {"Effect": "Allow", "Action": "*", "Resource": "*"}
    boundary = iam.create_policy(PolicyName=BOUNDARY, PolicyDocument=_document(everything))["Policy"]["Arn"]
    mine = "arn:aws:iam::000000000000:role/slipway/*"
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    read = [f"iam:{verb}" for verb in ("GetRole", "DeleteRole", "TagRole", "PassRole")]
    statements = [
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": [f"iam:{verb}" for verb in _ROLES], "Resource": mine, "Condition": bounded},
        {"Effect": "Allow", "Action": read, "Resource": mine},
    ]
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="zones-deployer", AssumeRolePolicyDocument=_document(trust))["Role"]
    iam.put_role_policy(RoleName="zones-deployer", PolicyName="own", PolicyDocument=_document(*statements))
    return role["Arn"]


def _document(*statements: Template) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(scope="module")
def templates(specs: Specs, model: ModelSpec, synthesize: Callable[..., dict[str, Template]]) -> Callable[..., Any]:
    """Templates by short name, of an environment with these zones: templates("ab", cidr="10.10.0.0/16")."""
    roles = Roles(permissions_boundary=BOUNDARY, path="/slipway/")
    given = {"name": NAME, "tracking": None, "roles": roles, "tags": {"owner": "digits team"}}
    local = pinned(specs.environment("local")).model_copy(update=given)

    def make(letters: str, cidr: str | None = local.network.cidr) -> dict[str, Template]:
        network = local.network.model_copy(update={"cidr": cidr})
        zones = tuple(f"{local.region}{letter}" for letter in letters)
        environment: EnvironmentSpec = local.model_copy(update={"availability_zones": zones, "network": network})
        found = synthesize(environment, (model,))
        names = {"network": f"slipway-{NAME}-network", "foundation": f"slipway-{NAME}-foundation"}
        names["release"] = f"slipway-{NAME}-{MODEL}-release"
        return {short: without_bootstrap(found[name]) for short, name in names.items()}

    return make


def without_bootstrap(template: Template) -> Template:
    """The template without the CDK's check of its bootstrap stack."""
    return {key: value for key, value in template.items() if key not in ("Parameters", "Rules")}


@pytest.fixture(scope="module")
def stacks(aws: Callable[[str], Any], templates: Callable[..., Any]) -> Iterator[dict[str, Stack]]:
    """A network in zones a and b, and two stacks that use it."""
    names = {"network": "network", "foundation": "foundation", "release": f"{MODEL}-release"}
    role = deploying_role(aws)
    made = {short: BoundedStack(aws, f"slipway-{NAME}-{name}", role) for short, name in names.items()}
    for short, template in templates("ab").items():
        made[short].deploy(template)
    yield made
    for short in ("release", "foundation", "network"):
        made[short].delete()


def ranges(aws: Callable[[str], Any], stacks: dict[str, Stack]) -> dict[str, tuple[str, str]]:
    """Id and range of the subnet of each zone."""
    (vpc,) = [each for each in resources(stacks["network"]) if each["ResourceType"] == "AWS::EC2::VPC"]
    only = [{"Name": "vpc-id", "Values": [vpc["PhysicalResourceId"]]}]
    found = aws("ec2").describe_subnets(Filters=only)["Subnets"]
    return {each["AvailabilityZone"][-1]: (each["SubnetId"], each["CidrBlock"]) for each in found}


def resources(stack: Stack) -> list[dict[str, Any]]:
    return stack.cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"]


def reasons(stack: Stack) -> str:
    events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    return "\n".join(event.get("ResourceStatusReason", "") for event in events)


def test_roles_are_made_where_the_account_allows_bounded_ones_only(aws: Any, stacks: dict[str, Stack]) -> None:
    roles = [each for each in resources(stacks["release"]) if each["ResourceType"] == "AWS::IAM::Role"]
    assert roles
    for role in roles:
        found = aws("iam").get_role(RoleName=role["PhysicalResourceId"])["Role"]
        assert found["Path"] == "/slipway/"
        assert found["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(f"policy/{BOUNDARY}")
        assert found["RoleName"].startswith(f"slipway-{NAME}-")
        assert {"Key": "owner", "Value": "digits team"} in found["Tags"]


def test_a_third_zone_is_added_and_then_used(aws: Any, stacks: dict[str, Stack], templates: Callable[..., Any]) -> None:
    before, wider = ranges(aws, stacks), templates("bca")
    stacks["network"].deploy(wider["network"])
    stacks["release"].deploy(wider["release"])
    after = ranges(aws, stacks)
    assert after.keys() == {"a", "b", "c"}
    assert {zone: after[zone] for zone in before} == before
    assert after["c"][0] in str(aws("iam").get_account_authorization_details(Filter=["Role"]))


def test_a_zone_in_use_stays_until_nobody_uses_it(
    aws: Any, stacks: dict[str, Stack], templates: Callable[..., Any]
) -> None:
    narrower = templates("ab")
    with pytest.raises(WaiterError):
        stacks["network"].deploy(narrower["network"])
    assert f"it is in use by slipway-{NAME}-{MODEL}-release" in reasons(stacks["network"])
    assert ranges(aws, stacks).keys() == {"a", "b", "c"}
    stacks["release"].deploy(narrower["release"])
    stacks["network"].deploy(narrower["network"])
    assert ranges(aws, stacks).keys() == {"a", "b"}


def test_another_range_is_refused_while_the_network_is_used(
    aws: Any, stacks: dict[str, Stack], templates: Callable[..., Any]
) -> None:
    before = ranges(aws, stacks)
    with pytest.raises(WaiterError):
        stacks["network"].deploy(templates("ab", cidr="10.11.0.0/16")["network"])
    assert f"it is in use by slipway-{NAME}-{MODEL}-release" in reasons(stacks["network"])
    assert ranges(aws, stacks) == before


def shared_out(zones: list[str]) -> Template:
    """A network that shares out all of its range among its zones: the CDK's layout."""
    app = App(context={"@aws-cdk/core:newStyleStackSynthesis": False})
    stack = CdkStack(app, "SharedOut", env=Environment(account="0" * 12, region="us-east-1"))
    isolated = ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    ec2.Vpc(
        stack,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr("10.20.0.0/16"),
        availability_zones=zones,
        nat_gateways=0,
        subnet_configuration=[isolated],
        restrict_default_security_group=False,
    )
    return without_bootstrap(app.synth().get_stack_by_name("SharedOut").template)


def test_a_range_that_is_shared_out_takes_no_further_zone(aws: Callable[[str], Any]) -> None:
    """Why every zone has a fixed part: the new subnets conflict with those that they replace."""
    stack = Stack(aws)
    stack.deploy(shared_out(["us-east-1a", "us-east-1b"]))
    with pytest.raises(WaiterError):
        stack.deploy(shared_out(["us-east-1a", "us-east-1b", "us-east-1c"]))
    assert "conflicts with another subnet" in reasons(stack)
    stack.delete()
