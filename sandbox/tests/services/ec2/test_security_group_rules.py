"""AWS::EC2::SecurityGroupIngress and Egress: single rules, made, changed, replaced and deleted by stacks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from iam_lab import IamLab, allow
from template_lab import Stack, Template, resource, template
from waiting import WAITER

GROUP = resource(
    "AWS::EC2::SecurityGroup",
    GroupDescription="Jobs",
    VpcId={"Ref": "Vpc"},
    SecurityGroupEgress=[{"CidrIp": "10.0.0.0/16", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}],
)
OWN = {"Fn::GetAtt": ["Group", "GroupId"]}
TCP = {"GroupId": OWN, "IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535}
PEERS = {"Ingress": "SourceSecurityGroupId", "Egress": "DestinationSecurityGroupId"}


def body(**rules: Template) -> Template:
    return template(Vpc=resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16"), Group=GROUP, **rules)


def to_itself(direction: str, **properties: Any) -> Template:
    return resource(f"AWS::EC2::SecurityGroup{direction}", **{**TCP, PEERS[direction]: OWN, **properties})


def rules(aws: Callable[[str], Any], stack: Stack) -> list[dict[str, Any]]:
    """The rules of the group that the template's own do not hold."""
    group = [{"Name": "group-id", "Values": [stack.physical_id("Group")]}]
    found = aws("ec2").describe_security_group_rules(Filters=group)["SecurityGroupRules"]
    return [rule for rule in found if rule.get("CidrIpv4") != "10.0.0.0/16"]


def reason(stack: Stack) -> str:
    events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    return next(
        event["ResourceStatusReason"]
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in event["ResourceStatusReason"]
    )


@pytest.mark.parametrize("direction", PEERS)
def test_a_rule_to_the_group_itself_is_read_back(aws: Any, stack: Stack, direction: str) -> None:
    made = body(Rule=to_itself(direction, Description="hosts")) | {"Outputs": {"Ref": {"Value": {"Ref": "Rule"}}}}
    made["Outputs"]["Id"] = {"Value": {"Fn::GetAtt": ["Rule", "Id"]}}
    outputs = stack.deploy(made)
    (found,) = rules(aws, stack)
    assert outputs == {"Ref": found["SecurityGroupRuleId"], "Id": found["SecurityGroupRuleId"]}
    assert found["IsEgress"] is (direction == "Egress")
    assert found["ReferencedGroupInfo"]["GroupId"] == stack.physical_id("Group")
    assert (found["IpProtocol"], found["FromPort"], found["ToPort"]) == ("tcp", 0, 65535)
    assert found["Description"] == "hosts"


def test_a_protocol_without_ports_and_a_prefix_list_are_read_back(aws: Any, stack: Stack) -> None:
    lists = aws("ec2").describe_prefix_lists()["PrefixLists"]
    s3 = next(found["PrefixListId"] for found in lists if found["PrefixListName"].endswith(".s3"))
    esp = resource("AWS::EC2::SecurityGroupIngress", GroupId=OWN, IpProtocol="50", SourceSecurityGroupId=OWN)
    https = {"IpProtocol": "tcp", "FromPort": "443", "ToPort": "443"}
    out = resource("AWS::EC2::SecurityGroupEgress", GroupId=OWN, DestinationPrefixListId=s3, **https)
    stack.deploy(body(Esp=esp, S3=out))
    (group,) = aws("ec2").describe_security_groups(GroupIds=[stack.physical_id("Group")])["SecurityGroups"]
    (found,) = group["IpPermissions"]
    assert found["IpProtocol"] == "50"
    assert "FromPort" not in found
    assert [{"PrefixListId": s3}] in [rule["PrefixListIds"] for rule in group["IpPermissionsEgress"]]


def test_a_description_changes_in_place_and_ports_replace_the_rule(aws: Any, stack: Stack) -> None:
    stack.deploy(body(Rule=to_itself("Ingress", Description="before")))
    first = stack.physical_id("Rule")
    stack.deploy(body(Rule=to_itself("Ingress", Description="after")))
    (found,) = rules(aws, stack)
    assert (found["SecurityGroupRuleId"], found["Description"]) == (first, "after")
    stack.deploy(body(Rule=to_itself("Ingress", ToPort=1024)))
    (found,) = rules(aws, stack)
    assert found["SecurityGroupRuleId"] == stack.physical_id("Rule") != first
    assert found["ToPort"] == 1024


def test_a_removed_rule_is_revoked_and_one_revoked_before_is_no_fault(aws: Any, stack: Stack) -> None:
    stack.deploy(body(In=to_itself("Ingress"), Out=to_itself("Egress")))
    gone = [stack.physical_id("Out")]
    aws("ec2").revoke_security_group_egress(GroupId=stack.physical_id("Group"), SecurityGroupRuleIds=gone)
    stack.deploy(body())
    assert rules(aws, stack) == []


OTHER_GROUP = "sg-0123456789abcdef0"
REFUSED = {
    "a rule that is there": (
        to_itself("Ingress", Description="once more"),
        r'the specified rule "peer: sg-\w+, TCP, from port: 0, to port: 65535, ALLOW" already exists',
    ),
    "a group that is not there": (
        to_itself("Ingress", GroupId=OTHER_GROUP),
        f"The security group '{OTHER_GROUP}' does not exist",
    ),
    "a peer that is not there": (
        to_itself("Ingress", SourceSecurityGroupId=OTHER_GROUP, FromPort=1),
        f"The security group '{OTHER_GROUP}' does not exist",
    ),
    "a prefix list that is not there": (
        resource("AWS::EC2::SecurityGroupIngress", SourcePrefixListId="pl-12345678", **TCP),
        "The prefix list ID 'pl-12345678' does not exist",
    ),
    "no ports": (
        resource("AWS::EC2::SecurityGroupIngress", GroupId=OWN, IpProtocol="udp", SourceSecurityGroupId=OWN),
        "Must specify both from and to ports with TCP/UDP",
    ),
    "no peer": (
        resource("AWS::EC2::SecurityGroupIngress", **TCP),
        "the rule names no peer; exactly one of CidrIp, CidrIpv6, SourcePrefixListId, SourceSecurityGroupId has to be",
    ),
    "two peers": (
        to_itself("Ingress", CidrIp="10.0.0.0/16"),
        "the rule names CidrIp, SourceSecurityGroupId; exactly one of",
    ),
}


@pytest.mark.parametrize(("rule", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_ec2_refuses_fails_the_stack(stack: Stack, rule: Template, sentence: str) -> None:
    stack.deploy(body(Rule=to_itself("Ingress")))
    with pytest.raises(WaiterError):
        stack.deploy(body(Rule=to_itself("Ingress"), More=rule))
    assert re.search(sentence, reason(stack))


def test_members_for_the_default_vpc_and_other_accounts_are_refused_by_name(aws: Any, stack: Stack) -> None:
    other = to_itself("Ingress", SourceSecurityGroupOwnerId="111111111111")
    with pytest.raises(ClientError, match="SourceSecurityGroupOwnerId"):
        stack.deploy(body(Rule=other))


def test_the_api_refuses_a_rule_twice(aws: Any, stack: Stack) -> None:
    stack.deploy(body())
    group = stack.physical_id("Group")
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    aws("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    more = {**rule, "IpRanges": [{"CidrIp": "10.1.0.0/16"}, {"CidrIp": "10.0.0.0/8", "Description": "again"}]}
    with pytest.raises(ClientError, match=r"InvalidPermission.Duplicate.*peer: 10.0.0.0/8, TCP, from port: 80"):
        aws("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[more])


def test_a_group_that_others_name_is_not_deleted(aws: Any, stack: Stack) -> None:
    other = resource("AWS::EC2::SecurityGroup", GroupDescription="Endpoints", VpcId={"Ref": "Vpc"})
    stack.deploy(body(Other=other))
    ec2, group, named = aws("ec2"), stack.physical_id("Other"), stack.physical_id("Group")
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": named}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    with pytest.raises(ClientError, match=f"DependencyViolation.*resource {named} has a dependent object"):
        ec2.delete_security_group(GroupId=named)
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])


def test_a_stack_makes_a_rule_as_its_role_may(iam: IamLab, stack: Stack) -> None:
    read = allow("ec2:Describe*", "ec2:CreateTags", "ec2:AuthorizeSecurityGroupEgress")
    network = allow("ec2:CreateVpc", "ec2:DeleteVpc", "ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup")
    request = stack._request(body(Rule=to_itself("Ingress")), {})
    stack.cloudformation.create_stack(**request, RoleARN=iam.role("cloudformation", read, network))
    with pytest.raises(WaiterError):
        stack.cloudformation.get_waiter("stack_create_complete").wait(StackName=stack.name, WaiterConfig=WAITER)
    assert "is not authorized to perform: ec2:AuthorizeSecurityGroupIngress" in reason(stack)
