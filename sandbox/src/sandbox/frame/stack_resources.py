"""The names and tags that CloudFormation gives the resources of a stack."""

from __future__ import annotations

import secrets
import string


def physical_name(stack_name: str, logical_id: str, longest: int) -> str:
    """stack-logicalid-random, cut to the service's longest name, another one at every call."""
    suffix = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(12))
    half = (longest - len(suffix) - 2) // 2
    return f"{stack_name[:half].rstrip('-')}-{logical_id[:half]}-{suffix}"


def stack_tags(stack_name: str, logical_id: str) -> list[dict[str, str]]:
    """The tags that CloudFormation itself puts on a resource ("Resource tag")."""
    return [
        {"Key": "aws:cloudformation:stack-name", "Value": stack_name},
        {"Key": "aws:cloudformation:logical-id", "Value": logical_id},
    ]
