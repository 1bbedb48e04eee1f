"""The access of roles: the permissions that they used, and those that they have and never used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.access.policies import Statement, role_names, statements
from sandbox.corrections.iam.access_record import Use, read
from sandbox.corrections.iam.evaluation import allows, is_action


@dataclass(frozen=True)
class Permission:
    """One action of one statement of a role, the unit that can be removed."""

    statement: Statement
    action: str


@dataclass(frozen=True)
class RoleAccess:
    """One role: its uses, its refusals, and its unused permissions."""

    role: str
    used: list[Use]
    refused: list[Use]
    unused: list[Permission]


def role_access(iam: Any, home: Path, pattern: str = "*") -> list[RoleAccess]:
    """The access of each role that matches a pattern such as "my-app-*", by name.

    Args:
        iam: a boto3 client of the sandbox, with root's credentials.
        home: the sandbox's folder (SANDBOX_HOME).
        pattern: of the roles' names. Defaults to all.
    """
    recorded, granted = uses(home), permissions(statements(iam, pattern))
    return [_of_role(role, recorded, granted) for role in role_names(iam, pattern)]


def uses(home: Path) -> list[Use]:
    """Every recorded use of a permission, by any role, since the sandbox's folder was new."""
    return read(home / "access.jsonl")


def _of_role(role: str, recorded: list[Use], granted: list[Permission]) -> RoleAccess:
    own = sorted((use for use in recorded if use.role == role), key=lambda use: (use.action, use.pattern))
    used = [use for use in own if not use.refused]
    unused = [
        permission
        for permission in granted
        if permission.statement.role == role and not any(allowed_by(permission, use) for use in used)
    ]
    return RoleAccess(role, used, [use for use in own if use.refused], unused)


def permissions(statements: Iterable[Statement]) -> list[Permission]:
    """Each action of each allowing statement."""
    return [Permission(found, action) for found in statements if found.allows for action in found.actions]


def allowed_by(permission: Permission, use: Use) -> bool:
    """Tell whether this permission alone allows the recorded use."""
    if not is_action(use.action, permission.action):
        return False
    body = {**permission.statement.body, "Action": permission.action}
    return allows(body, use.action, use.resource, dict(use.context))


def allowed_without(removed: Permission, others: Iterable[Permission], use: Use) -> bool:
    """Ask the evaluator whether the use is still allowed without one permission."""
    return any(allowed_by(permission, use) for permission in others if permission != removed)
