"""The used permissions of each role, and those that it was granted and never used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.access.policies import Statement
from sandbox.corrections.iam.access_record import Use
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


def report(uses: Iterable[Use], statements: Iterable[Statement], roles: Iterable[str]) -> list[RoleAccess]:
    """The access of each role, in order."""
    all_uses, all_statements = list(uses), list(statements)
    found = []
    for role in roles:
        own = sorted((use for use in all_uses if use.role == role), key=lambda use: (use.action, use.pattern))
        unused = [
            permission
            for permission in permissions(statement for statement in all_statements if statement.role == role)
            if not any(allowed_by(permission, use) for use in own if not use.refused)
        ]
        found.append(
            RoleAccess(role, [use for use in own if not use.refused], [use for use in own if use.refused], unused)
        )
    return found


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
