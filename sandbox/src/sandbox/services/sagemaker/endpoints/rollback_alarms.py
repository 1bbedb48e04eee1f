"""The alarms that roll an update back.

Source: AWS, "Auto-Rollback Configuration and Monitoring".
"""

from __future__ import annotations

from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host


class RollbackAlarms:
    """CloudWatch alarms by name, metric and composite ones."""

    def __init__(self, host: Host, names: tuple[str, ...]) -> None:
        self._host, self._names = host, names

    def require(self) -> None:
        """Raise ValidationException for an alarm that does not exist."""
        missing = sorted(set(self._names) - {alarm["AlarmName"] for alarm in self._described()})
        if missing:
            raise ValidationException(f"AutoRollbackConfiguration names alarms that do not exist: {', '.join(missing)}")

    def ringing(self) -> list[str]:
        """The names of those in state ALARM."""
        return sorted(alarm["AlarmName"] for alarm in self._described() if alarm["StateValue"] == "ALARM")

    def _described(self) -> list[dict[str, Any]]:
        if not self._names:
            return []
        found = self._host.client("cloudwatch").describe_alarms(
            AlarmNames=list(self._names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        return [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
