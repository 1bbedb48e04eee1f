"""Permissions: credentials of roles, the permissions that calls require, and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class CannotAssume(Exception):
    """When a role does not exist or does not trust the assuming service."""


class NotAuthorized(Exception):
    """When a role lacks a permission.

    The message is AWS's and names principal, action and resource.
    """


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of an assumed role."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None


@dataclass(frozen=True)
class Permission:
    """A permission that a call requires: an action on a resource, and the call's condition keys."""

    action: str
    resource: str = "*"
    context: Mapping[str, Any] = field(default_factory=dict)
