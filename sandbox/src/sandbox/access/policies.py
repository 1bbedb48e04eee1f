"""The policy statements of an account's roles, read by its API."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One statement of one policy of a role."""

    role: str
    policy: str
    body: dict[str, Any]
    index: int
    """Its place within the policy, from zero."""

    @property
    def actions(self) -> list[str]:
        return _listed(self.body.get("Action"))

    @property
    def resources(self) -> list[str]:
        return _listed(self.body.get("Resource"))

    @property
    def allows(self) -> bool:
        return self.body.get("Effect") == "Allow"


def role_names(iam: Any, pattern: str = "*") -> list[str]:
    """The names of the account's roles that match a pattern such as "my-app-*"."""
    pages = iam.get_paginator("list_roles").paginate()
    names = sorted(role["RoleName"] for page in pages for role in page["Roles"])
    return fnmatch.filter(names, pattern)


def statements(iam: Any, pattern: str = "*") -> list[Statement]:
    """Every statement of the matching roles' policies, inline ones first. AWS's own policies are left out."""
    return [
        Statement(role, policy, body, index)
        for role in role_names(iam, pattern)
        for policy, document in _documents(iam, role)
        for index, body in enumerate(_bodies(document))
    ]


def _documents(iam: Any, role: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        if arn.startswith("arn:aws:iam::aws:"):
            continue
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        yield attached["PolicyName"], found["Document"]


def _bodies(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Statement", [])
    return [found] if isinstance(found, dict) else found


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
