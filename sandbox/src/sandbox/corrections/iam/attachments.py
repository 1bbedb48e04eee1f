"""Managed policies of roles, users and groups: policies that exist, and ten at most.

Sources: IAM API Reference, "AttachRolePolicy"; IAM User Guide, "IAM and AWS STS quotas", "Service-linked roles".
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from ministack.services import iam

from sandbox.corrections.cloudformation.resources.resource_checks import check_creation, check_declaration

NAMES = {
    "ministack.services.iam": "_IAM_HANDLERS _attach_group_policy _attach_role_policy _attach_user_policy _error "
    "_groups _lookup_policy _p _roles _users attach_managed_policy",
}
OVERRIDES = {
    "IAM: attached policies": "ministack attaches policies that do not exist, and any number of them",
    "CloudFormation: AWS::IAM::ManagedPolicy, AWS::IAM::Policy": "ministack passes over roles, users and groups that "
    "do not exist",
}

Record = dict[str, Any]
_QUOTA = 10
_RECORDS = {"Role": iam._roles, "User": iam._users, "Group": iam._groups}


class IamError(ValueError):
    """When IAM refuses a request; a stack shows the message as the reason."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def install() -> None:
    """Check every attachment, by the API and by stacks."""
    for kind in _RECORDS:
        _check_operation(kind)
    attach = iam.attach_managed_policy

    def attach_managed_policy(record: Record, arn: str) -> None:
        _require_attachable(record, arn)
        attach(record, arn)

    iam.attach_managed_policy = attach_managed_policy
    for type_name in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
        check_declaration(type_name, _require_named)
    check_creation("AWS::IAM::ManagedPolicy", lambda properties: _require_room(_named(properties)))


def _check_operation(kind: str) -> None:
    attach = getattr(iam, f"_attach_{kind.lower()}_policy")

    def checked(parameters: Record) -> tuple:
        record = _RECORDS[kind].get(iam._p(parameters, f"{kind}Name"))
        try:
            if record is not None:
                _require_attachable(record, iam._p(parameters, "PolicyArn"))
        except IamError as error:
            return iam._error(error.status, error.code, escape(str(error)), ns="iam")
        return attach(parameters)

    setattr(iam, f"_attach_{kind.lower()}_policy", checked)
    iam._IAM_HANDLERS[f"Attach{kind}Policy"] = checked


def _require_attachable(record: Record, arn: str) -> None:
    """Raise IamError unless the policy may be attached to a role, user or group."""
    policy = iam._lookup_policy(arn)
    if policy is None:
        raise IamError(404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")
    if policy["Path"].startswith("/aws-service-role/"):
        raise IamError(400, "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
    if arn not in record.get("AttachedPolicies", []):
        _require_room([record])


def _require_room(records: list[Record]) -> None:
    for record in records:
        if len(record.get("AttachedPolicies", [])) >= _QUOTA:
            (kind,) = (kind for kind in _RECORDS if f"{kind}Name" in record)
            raise IamError(409, "LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind}: {_QUOTA}")


def _require_named(properties: Record) -> None:
    _named(properties)


def _named(properties: Record) -> list[Record]:
    """The roles, users and groups that a policy names. Raises IamError for one that does not exist."""
    named = [(kind, name) for kind in _RECORDS for name in properties.get(f"{kind}s") or []]
    for kind, name in named:
        if name not in _RECORDS[kind]:
            raise IamError(404, "NoSuchEntity", f"The {kind.lower()} with name {name} cannot be found.")
    return [_RECORDS[kind][name] for kind, name in named]
