"""Boundaries and attached policies as conditions, and the roles that stacks make.

A policy can so allow the making of roles with one boundary only.
Sources: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access Management
(IAM)" (iam:PermissionsBoundary, iam:PolicyARN); IAM User Guide, "Delegating responsibility to others using permissions
boundaries"; the registry schemas of AWS::IAM::Role and AWS::IAM::Policy, "handlers".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import iam

from sandbox.frame.permissions import Permission

NAMES = {"ministack.services.iam": "_roles"}
OVERRIDES = {
    "condition keys iam:PermissionsBoundary, iam:PolicyARN": "ministack does not supply them, so that a policy which "
    "requires a boundary refuses every role",
    "CloudFormation: AWS::IAM::Role, AWS::IAM::Policy": "they are made, changed and deleted only as the stack's role "
    "may; ministack discards the role",
}
BOUNDARY = "iam:PermissionsBoundary"
_POLICY = "iam:PolicyARN"
_GIVEN = frozenset({"CreateRole", "PutRolePermissionsBoundary"})
_OF_ROLE = frozenset(
    {"AttachRolePolicy", "DeleteRolePermissionsBoundary", "DeleteRolePolicy", "DetachRolePolicy", "PutRolePolicy"}
)
_OF_POLICY = frozenset(f"{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("Role", "User", "Group"))

Properties = Mapping[str, Any]


def context(action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """The condition keys of a request: the role's boundary, given or kept, and the policy that it attaches."""
    verb = action.rpartition(":")[2]
    policy = _first(parameters.get("PolicyArn")) if verb in _OF_POLICY else None
    keys = {_POLICY: policy} if policy else {}
    if verb in _GIVEN:
        return _key(_first(parameters.get("PermissionsBoundary")))
    if verb in _OF_ROLE:
        return keys | _key(boundary_of(_first(parameters.get("RoleName")) or ""))
    return keys


def boundary_of(role_name: str) -> str | None:
    """The boundary of an existing role."""
    found = iam._roles.get(role_name, {}).get("PermissionsBoundary")
    return found.get("PermissionsBoundaryArn") if isinstance(found, dict) else found


def of_role(verb: str, name: str, properties: Properties) -> Iterator[Permission]:
    """The permissions that the work on an AWS::IAM::Role demands of the stack's role."""
    arn = f"arn:aws:iam::{get_account_id()}:role{properties.get('Path', '/')}{properties.get('RoleName') or name}"
    given = _key(properties.get("PermissionsBoundary"))
    yield Permission("iam:GetRole", arn)
    if verb == "delete":
        yield Permission("iam:DeleteRole", arn)
        return
    if verb == "create":
        yield Permission("iam:CreateRole", arn, given)
    elif boundary_of(name) != properties.get("PermissionsBoundary"):
        action = "Put" if given else "Delete"
        yield Permission(f"iam:{action}RolePermissionsBoundary", arn, given or _key(boundary_of(name)))
    if any(not tag["Key"].startswith("aws:") for tag in properties.get("Tags", [])):
        yield Permission("iam:TagRole", arn)
    if properties.get("Policies"):
        yield Permission("iam:PutRolePolicy", arn, given)
    for policy in properties.get("ManagedPolicyArns") or []:
        yield Permission("iam:AttachRolePolicy", arn, given | {_POLICY: policy})


def of_policy(verb: str, properties: Properties) -> Iterator[Permission]:
    """The permissions that the work on an AWS::IAM::Policy demands: on each role that holds it."""
    action = "DeleteRolePolicy" if verb == "delete" else "PutRolePolicy"
    for name in properties.get("Roles", []):
        role = iam._roles.get(name, {})
        arn = role.get("Arn") or f"arn:aws:iam::{get_account_id()}:role/{name}"
        yield Permission(f"iam:{action}", arn, _key(boundary_of(name)))


def _key(boundary: str | None) -> dict[str, str]:
    return {BOUNDARY: boundary} if boundary else {}


def _first(value: Any) -> str | None:
    return value[0] if isinstance(value, list) and value else value
