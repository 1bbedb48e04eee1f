"""The access report: the permissions that roles used, and those that they have and never used.

Tests of an application may use it, to prove least privilege:

    granted = permissions(statements(iam, "my-app-*"))
    unused = [found for found in granted if not any(allowed_by(found, use) for use in uses(home))]
"""

from sandbox.access.policies import Statement, role_names, statements
from sandbox.access.report import Permission, RoleAccess, allowed_by, allowed_without, permissions, role_access, uses
from sandbox.corrections.iam.access_record import Use

__all__ = [
    "Permission",
    "RoleAccess",
    "Statement",
    "Use",
    "allowed_by",
    "allowed_without",
    "permissions",
    "role_access",
    "role_names",
    "statements",
    "uses",
]
