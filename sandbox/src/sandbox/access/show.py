"""The access report as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.access.report import Permission, RoleAccess
from sandbox.corrections.iam.access_record import Use


def as_json(found: list[RoleAccess]) -> list[dict[str, Any]]:
    return [
        {
            "role": access.role,
            "used": [_use(use) for use in access.used],
            "refused": [_use(use) for use in access.refused],
            "unused": [
                {
                    "policy": permission.statement.policy,
                    "statement": permission.statement.index,
                    "action": permission.action,
                    "resources": permission.statement.resources,
                }
                for permission in access.unused
            ],
        }
        for access in found
    ]


def summary(found: list[RoleAccess]) -> Iterator[str]:
    """A row for each role, those with refusals first, and what was refused."""
    ordered = sorted(found, key=lambda access: (-len(access.refused), access.role))
    yield "used  refused  never used  role (numbers of actions)"
    for access in ordered:
        used, refused = ({use.action for use in uses} for uses in (access.used, access.refused))
        unused = {permission.action for permission in access.unused}
        yield f"{len(used):>4}  {len(refused):>7}  {len(unused):>10}  {access.role}"
    for access in ordered:
        if access.refused:
            yield f"\n{access.role} was refused"
            yield from _uses("REFUSED", access.refused)


def lines(found: list[RoleAccess]) -> Iterator[str]:
    """The lines of each role. Resources are long, so each has a line of its own."""
    for access in found:
        yield access.role
        yield from _uses("used", access.used)
        yield from _uses("REFUSED", access.refused)
        yield from _unused(access.unused)
        yield ""


def _use(use: Use) -> dict[str, Any]:
    return {"action": use.action, "resource": use.pattern, "by": use.caller, "count": use.count}


def _uses(title: str, uses: Iterable[Use]) -> Iterator[str]:
    action = ""
    for use in uses:
        if use.action != action:
            action = use.action
            yield f"  {title:10} {action}"
        yield f"             {use.pattern}  ({use.count} times by {use.caller})"


def _unused(permissions: Iterable[Permission]) -> Iterator[str]:
    for permission in permissions:
        statement = permission.statement
        yield f"  {'never used':10} {permission.action}  (statement {statement.index} of {statement.policy})"
        yield from (f"             {resource}" for resource in statement.resources)
