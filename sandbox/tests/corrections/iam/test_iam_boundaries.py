"""Policies that allow the making of roles with one boundary only: by the API, and by a stack's role."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import WaiterError
from iam_lab import ACCOUNT, IamLab, allow, document, refusal
from job_lab import trust, unique
from template_lab import Stack, Template, resource, template
from waiting import WAITER

TRUST = json.dumps(trust("lambda.amazonaws.com"))


@pytest.fixture(scope="module")
def boundary(iam: IamLab) -> str:
    made = iam.iam.create_policy(PolicyName=unique("boundary"), PolicyDocument=document(allow("s3:GetObject")))
    return made["Policy"]["Arn"]


def only_with(boundary: str) -> list[dict[str, Any]]:
    """The statements of "Delegating responsibility to others using permissions boundaries"."""
    changed = ("CreateRole", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary")
    bounded = {"iam:PermissionsBoundary": boundary}
    return [
        allow(*(f"iam:{verb}" for verb in changed), StringEquals=bounded),
        allow("iam:GetRole", "iam:DeleteRole", "iam:TagRole"),
    ]


def test_a_role_is_made_with_the_boundary_and_with_no_other(iam: IamLab, boundary: str) -> None:
    client = iam.tester("iam", *only_with(boundary))
    name = unique("role")
    client.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, PermissionsBoundary=boundary)
    other = f"arn:aws:iam::{ACCOUNT}:policy/{unique('other')}"
    for given in ({}, {"PermissionsBoundary": other}):
        code, message = refusal(client.create_role, RoleName=unique("role"), AssumeRolePolicyDocument=TRUST, **given)
        assert code == "AccessDenied"
        assert "is not authorized to perform: iam:CreateRole" in message


def test_a_policy_is_put_on_a_bounded_role_only(iam: IamLab, boundary: str) -> None:
    client = iam.tester("iam", *only_with(boundary))
    bounded, free = unique("role"), unique("role")
    iam.iam.create_role(RoleName=bounded, AssumeRolePolicyDocument=TRUST, PermissionsBoundary=boundary)
    iam.iam.create_role(RoleName=free, AssumeRolePolicyDocument=TRUST)
    put = {"PolicyName": "own", "PolicyDocument": document(allow("s3:GetObject"))}
    client.put_role_policy(RoleName=bounded, **put)
    assert refusal(client.put_role_policy, RoleName=free, **put)[0] == "AccessDenied"
    code, message = refusal(client.delete_role_permissions_boundary, RoleName=bounded)
    assert (code, "iam:DeleteRolePermissionsBoundary" in message) == ("AccessDenied", True)


def roles(**properties: Any) -> Template:
    role = resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"), **properties)
    policy = {"Version": "2012-10-17", "Statement": [allow("s3:GetObject")]}
    return template(
        Role=role,
        Policy=resource("AWS::IAM::Policy", PolicyName="own", PolicyDocument=policy, Roles=[{"Ref": "Role"}]),
    )


def created(stack: Stack, body: Template, role: str) -> str:
    """Create the stack as a role; return the reasons of a failure, or nothing."""
    stack.cloudformation.create_stack(**stack._request(body, {}), RoleARN=role)
    try:
        stack.cloudformation.get_waiter("stack_create_complete").wait(StackName=stack.name, WaiterConfig=WAITER)
    except WaiterError:
        events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)
    return ""


def test_a_stack_makes_roles_as_its_own_role_may(iam: IamLab, stack: Stack, boundary: str) -> None:
    role = iam.role("cloudformation", *only_with(boundary))
    body = roles(PermissionsBoundary=boundary, Tags=[{"Key": "team", "Value": "digits"}])
    assert created(stack, body, role) == ""
    described = iam.iam.get_role(RoleName=stack.physical_id("Role"))["Role"]
    assert described["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary


def test_a_stack_makes_no_role_without_the_boundary(iam: IamLab, stack: Stack, boundary: str) -> None:
    role = iam.role("cloudformation", *only_with(boundary))
    assert "is not authorized to perform: iam:CreateRole" in created(stack, roles(), role)
