"""What each role used, and what its policies grant that it never used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.access.policies import Statement
from sandbox.corrections.iam.access_record import Use
from sandbox.corrections.iam.evaluation import allows, is_action


@dataclass(frozen=True)
class Permission:
    """One action of one statement of a role: the unit that can be taken away."""

    statement: Statement
    action: str


@dataclass(frozen=True)
class RoleAccess:
    """One role: what it used, what it was refused, and the permissions that it never used."""

    role: str
    used: list[Use]
    refused: list[Use]
    unused: list[Permission]


def report(uses: Iterable[Use], statements: Iterable[Statement], roles: Iterable[str]) -> list[RoleAccess]:
    """The access of each of the roles, in their order."""
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
    """Each action of each statement that allows."""
    return [Permission(found, action) for found in statements if found.allows for action in found.actions]


def allowed_by(permission: Permission, use: Use) -> bool:
    """Whether this permission alone allows the recorded use."""
    if not is_action(use.action, permission.action):
        return False
    body = {**permission.statement.body, "Action": permission.action}
    return allows(body, use.action, use.resource, dict(use.context))


def allowed_without(removed: Permission, others: Iterable[Permission], use: Use) -> bool:
    """Whether the use is still allowed when one permission is taken away: the evaluator decides it anew."""
    return any(allowed_by(permission, use) for permission in others if permission != removed)
