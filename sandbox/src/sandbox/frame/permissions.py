"""Who may do what: credentials of roles, the permissions that calls demand, and the refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class CannotAssume(Exception):
    """When a role does not exist or does not trust the service that wants to assume it."""


class NotAuthorized(Exception):
    """When a role lacks a permission; the message is AWS's and names principal, action and resource."""


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of an assumed role."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None


@dataclass(frozen=True)
class Permission:
    """What a call demands of its caller: an action on a resource, and the condition keys that describe the call."""

    action: str
    resource: str = "*"
    context: Mapping[str, Any] = field(default_factory=dict)
