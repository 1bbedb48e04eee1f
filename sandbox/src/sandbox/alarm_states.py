"""The state of an alarm, worked out from datapoints without a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.corrections.cloudwatch.evaluation import verdict
from sandbox.corrections.cloudwatch.metric_math import MetricQueries

Datapoint = Callable[[str, str, int], float | None]
"""(metric, statistic, number of periods ago) -> the metric's value in that period, None without data."""


def alarm_state(alarm: Mapping[str, Any], datapoint: Datapoint) -> str | None:
    """The state by the last periods, None if it does not change; see `sandbox.alarm_state`."""
    values = [_value(alarm, datapoint, index) for index in range(alarm["EvaluationPeriods"])]
    found = verdict(dict(alarm), values)
    return found[0] if found else None


def _value(alarm: Mapping[str, Any], datapoint: Datapoint, index: int) -> float | None:
    if not alarm.get("Metrics"):
        return datapoint(alarm["MetricName"], alarm.get("Statistic") or alarm["ExtendedStatistic"], index)
    queries = MetricQueries.read(alarm["Metrics"])
    return queries.value(
        {
            name: datapoint(metric["Metric"]["MetricName"], metric["Stat"], index)
            for name, metric in queries.metrics.items()
        }
    )
