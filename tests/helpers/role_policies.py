"""The policies of roles in a template, whichever way they are declared."""

from __future__ import annotations

from typing import Any


def documents(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents of a resource: of a policy, or of the policies within a role."""
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::IAM::Policy":
        return [properties["PolicyDocument"]]
    if resource["Type"] == "AWS::IAM::Role":
        return [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    return []
