"""The properties that ministack's resource types honour, from an audit that a test repeats.

A type without a row is refused by name, and so is a property or attribute outside the row, whatever the type's schema
says. Paths are dotted names; a path covers everything below it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured import (
    account,
    analytics,
    events,
    functions,
    networks,
    stacks,
    users,
    web_apis,
)
from sandbox.corrections.templates.honoured.row import Honoured

__all__ = ["HONOURED", "Honoured"]

HONOURED: Mapping[str, Honoured] = {
    name: row
    for module in (account, analytics, events, functions, networks, stacks, users, web_apis)
    for name, row in module.ROWS.items()
}
