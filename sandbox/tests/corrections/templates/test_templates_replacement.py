"""Updates replace a resource where its registry schema says so, and nowhere else."""

from __future__ import annotations

import pytest
from botocore.exceptions import WaiterError
from job_lab import trust
from template_lab import Stack, Template, resource, template

VPC = resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16")
TRUST = trust("lambda.amazonaws.com")
MACHINE = {
    "RoleArn": {"Fn::GetAtt": ["Executor", "Arn"]},
    "Definition": {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}},
}


def _subnet(cidr: str) -> Template:
    return resource("AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock=cidr)


def _group(description: str) -> Template:
    return resource("AWS::EC2::SecurityGroup", VpcId={"Ref": "Vpc"}, GroupDescription=description)


def _association(table: str) -> Template:
    return resource("AWS::EC2::SubnetRouteTableAssociation", SubnetId={"Ref": "Other"}, RouteTableId={"Ref": table})


def _endpoint(service: str, tag: str) -> Template:
    return resource(
        "AWS::EC2::VPCEndpoint",
        VpcId={"Ref": "Vpc"},
        ServiceName=f"com.amazonaws.us-east-1.{service}",
        Tags=[{"Key": "a", "Value": tag}],
    )


CASES: list[tuple[str, Template, Template, str]] = [
    ("Subnet", _subnet("10.0.1.0/24"), _subnet("10.0.2.0/24"), "True"),
    ("Group", _group("one"), _group("two"), "True"),
    ("Association", _association("Table"), _association("Second"), "True"),
    ("Endpoint", _endpoint("s3", "1"), _endpoint("dynamodb", "1"), "True"),
    ("Gateway", _endpoint("s3", "1"), _endpoint("s3", "2"), "False"),
    (
        "Role",
        resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, Path="/one/"),
        resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, Path="/two/"),
        "True",
    ),
    (
        "Key",
        resource("AWS::KMS::Key", Description="one"),
        resource("AWS::KMS::Key", Description="two"),
        "False",
    ),
    (
        "Machine",
        resource("AWS::StepFunctions::StateMachine", **MACHINE, StateMachineType="STANDARD"),
        resource("AWS::StepFunctions::StateMachine", **MACHINE, StateMachineType="EXPRESS"),
        "True",
    ),
    (
        "Bucket",
        resource("AWS::S3::Bucket", VersioningConfiguration={"Status": "Enabled"}),
        resource("AWS::S3::Bucket", VersioningConfiguration={"Status": "Suspended"}),
        "False",
    ),
]
CONSTANT = {
    "Executor": resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust("states.amazonaws.com")),
    "Vpc": VPC,
    "Other": _subnet("10.0.9.0/24"),
    "Table": resource("AWS::EC2::RouteTable", VpcId={"Ref": "Vpc"}),
    "Second": resource("AWS::EC2::RouteTable", VpcId={"Ref": "Vpc"}),
}


def test_what_the_change_set_announces_happens(stack: Stack) -> None:
    stack.deploy(template(**CONSTANT, **{name: before for name, before, _, _ in CASES}))
    former = {name: stack.physical_id(name) for name, *_ in CASES}
    change_set = stack.change_set(template(**CONSTANT, **{name: after for name, _, after, _ in CASES}))
    announced = {
        item["ResourceChange"]["LogicalResourceId"]: item["ResourceChange"].get("Replacement")
        for item in change_set["Changes"]
    }
    assert announced == {name: replacement for name, _, _, replacement in CASES}
    stack.execute(change_set)
    replaced = {name: stack.physical_id(name) != former[name] for name, *_ in CASES}
    assert replaced == {name: replacement == "True" for name, _, _, replacement in CASES}
    subnets = {item["SubnetId"] for item in stack.aws("ec2").describe_subnets()["Subnets"]}
    assert former["Subnet"] not in subnets
    assert stack.physical_id("Subnet") in subnets


def test_what_a_template_names_itself_is_not_replaced(stack: Stack) -> None:
    def group(description: str) -> Template:
        named = resource("AWS::EC2::SecurityGroup", GroupName=stack.name, GroupDescription=description)
        return template(Group=named, Queue=resource("AWS::SQS::Queue"))

    stack.deploy(group("one"))
    with pytest.raises(WaiterError):
        stack.deploy(group("two"))
    events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert any("cannot update a stack when a custom-named resource requires replacing" in reason for reason in reasons)
