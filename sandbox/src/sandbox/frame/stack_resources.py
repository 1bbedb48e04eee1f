"""The names that CloudFormation gives the resources of a stack."""

from __future__ import annotations

import secrets
import string

_SUFFIX = 12


def physical_name(stack_name: str, logical_id: str, longest: int) -> str:
    """stack-logicalid-random, cut to the service's longest name, another one at every call."""
    suffix = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(_SUFFIX))
    return name_prefix(stack_name, logical_id, longest) + suffix


def name_prefix(stack_name: str, logical_id: str, longest: int) -> str:
    """The part of a physical name that is the same at every call."""
    half = (longest - _SUFFIX - 2) // 2
    return f"{stack_name[:half].rstrip('-')}-{logical_id[:half]}-"
