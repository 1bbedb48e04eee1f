"""The report on access as a table and as JSON."""

from __future__ import annotations

from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from sandbox.access.record import Use
from sandbox.access.report import Permission, RoleAccess


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


def print_table(out: Console, found: list[RoleAccess]) -> None:
    for access in found:
        parts = [
            Text(f"\n{access.role}", style="bold"),
            _uses("used", access.used) if access.used else Text("  used nothing"),
        ]
        if access.refused:
            parts.append(_uses("refused", access.refused))
        if access.unused:
            parts.append(_unused(access.unused))
        out.print(Group(*parts))


def _use(use: Use) -> dict[str, Any]:
    return {"action": use.action, "resource": use.pattern, "by": use.caller, "count": use.count}


def _uses(title: str, uses: list[Use]) -> Table:
    table = Table(title, "on", "by", "times", box=None, header_style="dim", pad_edge=True)
    for use in uses:
        table.add_row(use.action, Text(use.pattern, overflow="fold"), use.caller, str(use.count))
    return table


def _unused(permissions: list[Permission]) -> Table:
    table = Table("never used", "on", "policy", "statement", box=None, header_style="dim", pad_edge=True)
    for permission in permissions:
        resources = "\n".join(permission.statement.resources)
        where = permission.statement
        table.add_row(permission.action, Text(resources, overflow="fold"), where.policy, str(where.index))
    return table
