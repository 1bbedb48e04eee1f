"""Least privilege, proven: after the whole path no permission is left that neither a test used nor a reason explains.

It runs after test_whole_path.py, in the same session.
"""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path

import pytest
from deployed import Access
from sandbox.access import Permission, Use, allowed_by, allowed_without, permissions

pytestmark = pytest.mark.sandbox  # it judges what the whole path did
REASONS = Path(__file__).with_name("unused_permissions.toml")


@pytest.fixture(scope="module")
def granted(access: Access) -> list[Permission]:
    found = permissions(access.granted)
    if not found:
        pytest.fail("no permission is known: run test_whole_path.py before, in the same session")
    return found


@pytest.fixture(scope="module")
def uses(access: Access) -> list[Use]:
    return [use for use in access.uses if not use.refused]


def explained(permission: Permission) -> list[int]:
    """The entries of unused_permissions.toml that speak of this permission."""
    entries = tomllib.loads(REASONS.read_text())["unused"]
    role = permission.statement.role
    return [
        number
        for number, entry in enumerate(entries)
        if fnmatch.fnmatchcase(role, entry["role"])
        and permission.action in entry["actions"]
        and entry.get("resource", "") in " ".join(permission.statement.resources)
    ]


def is_used(permission: Permission, uses: list[Use]) -> bool:
    return any(use.role == permission.statement.role and allowed_by(permission, use) for use in uses)


def test_every_permission_is_used_or_has_a_reason(granted: list[Permission], uses: list[Use]) -> None:
    unused = [found for found in granted if not is_used(found, uses) and not explained(found)]
    assert not unused, "\n".join(
        f"{found.statement.role}: {found.action} on {found.statement.resources}" for found in unused
    )


def test_no_reason_is_stale(granted: list[Permission], uses: list[Use]) -> None:
    entries = tomllib.loads(REASONS.read_text())["unused"]
    needed = {number for found in granted if not is_used(found, uses) for number in explained(found)}
    assert [entry for number, entry in enumerate(entries) if number not in needed] == []
    assert all(entry["reason"].strip() for entry in entries)


def test_each_permission_is_missed_when_it_is_taken_away(granted: list[Permission], uses: list[Use]) -> None:
    """Each recorded call is decided again without the permission; no other statement may allow it."""
    redundant = []
    for permission in granted:
        role = permission.statement.role
        own = [use for use in uses if use.role == role and allowed_by(permission, use)]
        others = [other for other in granted if other.statement.role == role]
        if own and all(allowed_without(permission, others, use) for use in own):
            redundant.append(f"{role}: {permission.action} on {permission.statement.resources}")
    assert redundant == []
