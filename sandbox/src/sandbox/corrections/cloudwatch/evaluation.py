"""The state of a metric alarm, from its metric's datapoints.

Source: AWS, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data".
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

ALARM, OK, INSUFFICIENT_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"
_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_FILLED = {"breaching": True, "notBreaching": False}

Statistic = Callable[[float, float], float | None]
"""The alarm's statistic of its metric between two times (seconds since the epoch); None without data."""


@dataclass
class Evaluation:
    """One alarm's datapoints, newest first.

    `step` is the time between two datapoints, each the statistic of the last whole period. On AWS it is the period; a
    shorter one lets an alarm of several periods answer sooner, while threshold and period keep their meaning.
    """

    alarm: dict[str, Any]
    period: float
    step: float
    _slid: deque[float | None] = field(default_factory=deque)
    _last: float = 0.0

    def state(self, statistic: Statistic, now: float) -> tuple[str, str] | None:
        """The state and AWS's reason for it; None if the state does not change."""
        values = self._datapoints(statistic, now)
        return verdict(self.alarm, values) if values is not None else None

    def _datapoints(self, statistic: Statistic, now: float) -> Sequence[float | None] | None:
        period, number = self.period, self.alarm["EvaluationPeriods"]
        if self.step >= period:
            return [statistic(now - (index + 1) * period, now - index * period) for index in range(number)]
        if now - self._last < self.step * 0.9:  # a timer is never exact
            return None
        self._last = now
        self._slid.appendleft(statistic(now - period, now))
        while len(self._slid) > number:
            self._slid.pop()
        return [*self._slid, *[None] * (number - len(self._slid))]


def verdict(alarm: dict[str, Any], values: Sequence[float | None]) -> tuple[str, str] | None:
    """The state by the datapoints and its reason; None if unchanged, or for anomaly detection."""
    if alarm["ComparisonOperator"] not in _COMPARISONS:
        return None
    compare, words = _COMPARISONS[alarm["ComparisonOperator"]]
    threshold, needed = alarm["Threshold"], alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
    fill = _FILLED.get(alarm.get("TreatMissingData") or "missing")
    breaches = [fill if value is None else compare(value, threshold) for value in values]
    present = [value for value in values if value is not None]
    if breaches.count(True) >= needed:
        return ALARM, _reason(present, len(values), f"{words} the threshold ({threshold})")
    if breaches.count(True) + breaches.count(None) < needed:
        return OK, _reason(present, len(values), f"not {words} the threshold ({threshold})")
    if breaches.count(None) == len(values) and alarm.get("TreatMissingData") != "ignore":
        unknown = f"Insufficient Data: {len(values)} datapoints were unknown."
        return INSUFFICIENT_DATA, unknown
    return None


def _reason(values: Sequence[float], number: int, words: str) -> str:
    if not values:
        return f"Threshold Crossed: no datapoints were received for {number} periods, and missing data was treated so."
    shown = ", ".join(str(value) for value in values[:5])
    were = "was" if len(values) == 1 else "were"
    return f"Threshold Crossed: {len(values)} out of the last {number} datapoints [{shown}] {were} {words}."
