"""The depth of queues, as CloudWatch metrics for alarms.

Source: Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS".
"""

from __future__ import annotations

import time

from ministack.services import cloudwatch, sqs

NAMES = {
    "ministack.services.cloudwatch": "record_metric",
    "ministack.services.sqs": "_queues",
}
OVERRIDES = {
    "SQS: metrics": "ApproximateNumberOfMessagesVisible is recorded when it changes and each minute; ministack has none"
}
_METRIC = "ApproximateNumberOfMessagesVisible"
_MINUTE = 60.0


class QueueDepths:
    """The last recorded depth of each queue."""

    def __init__(self) -> None:
        self._recorded: dict[str, tuple[int, float]] = {}

    def record(self) -> None:
        """Record the depths that are new, or a minute old."""
        now = time.time()
        for name, depth in _depths(now).items():
            known, since = self._recorded.get(name, (None, 0.0))
            if depth != known or now - since >= _MINUTE:
                self._recorded[name] = (depth, now)
                cloudwatch.record_metric("AWS/SQS", _METRIC, depth, "Count", {"QueueName": name})


def _depths(now: float) -> dict[str, int]:
    return {
        queue["name"]: sum(message["visible_at"] <= now for message in queue["messages"])
        for queue in list(sqs._queues.values())
    }
