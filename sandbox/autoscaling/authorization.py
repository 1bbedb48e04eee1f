"""What each call of Application Auto Scaling demands of its caller.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Application Auto Scaling".
"""

from __future__ import annotations

from typing import Any

from sandbox.host import Permission


def permissions(operation: str, path: str, request: dict[str, Any]) -> list[Permission]:
    """The call's own action. A target's ARN holds a random id that no caller knows, so policies allow all resources."""
    context = {
        f"application-autoscaling:{key}": request[member]
        for key, member in (("service-namespace", "ServiceNamespace"), ("scalable-dimension", "ScalableDimension"))
        if request.get(member)
    }
    return [Permission(f"application-autoscaling:{operation}", "*", context)]
