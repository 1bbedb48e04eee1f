"""Scaling activities: changes of capacity with their times and causes, newest first.

Source: AWS, "Scaling activities for Application Auto Scaling".
"""

from __future__ import annotations

import threading
import uuid
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.autoscaling.identity import DIMENSION, NAMESPACE, ONLY, page

_MOST = 1000


class ScalingActivities:
    """Descriptions of activities; the last `_MOST` are kept (AWS: six weeks)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._activities: list[dict[str, Any]] = []

    @operation(accepts={"ServiceNamespace", "ResourceId", "ScalableDimension", "MaxResults", "NextToken"}, only=ONLY)
    def describe_scaling_activities(self, request: Request) -> Response:
        wanted = request.get("ResourceId")
        with self._lock:
            found = [dict(item) for item in self._activities if wanted in (None, item["ResourceId"])]
        return page("ScalingActivities", found, request)

    def state(self) -> list[dict[str, Any]]:
        """Every activity, for the state that survives the sandbox's end."""
        with self._lock:
            return [dict(item) for item in self._activities]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Take the activities of an earlier run, before the first request."""
        self._activities = state

    def begin(self, resource_id: str, count: int, cause: str) -> dict[str, Any]:
        """A new activity, in progress."""
        activity = {
            "ActivityId": str(uuid.uuid4()),
            "ServiceNamespace": NAMESPACE,
            "ResourceId": resource_id,
            "ScalableDimension": DIMENSION,
            "Description": f"Setting desired instance count to {count}.",
            "Cause": cause,
            "StartTime": now(),
            "StatusCode": "InProgress",
            "StatusMessage": f"Successfully set desired instance count to {count}. Waiting for change to be fulfilled "
            "by sagemaker.",
        }
        with self._lock:
            self._activities.insert(0, activity)
            del self._activities[_MOST:]
        return activity

    def end(self, activity: dict[str, Any], code: str, message: str) -> None:
        """Set an activity's last status."""
        with self._lock:
            activity.update(StatusCode=code, StatusMessage=message, EndTime=now())
