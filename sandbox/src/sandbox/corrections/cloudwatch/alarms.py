"""CloudWatch alarms, evaluated continuously by their own dimensions, periods and missing data."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from typing import Any

from ministack.services import cloudwatch

from sandbox.corrections.cloudwatch import actions as alarm_actions
from sandbox.corrections.cloudwatch import math_alarms
from sandbox.corrections.cloudwatch.evaluation import Evaluation, Statistic
from sandbox.corrections.cloudwatch.metric_math import MetricQueries
from sandbox.corrections.cloudwatch.queue_metrics import QueueDepths

NAMES = {
    "ministack.services.cloudwatch": "_alarms _metrics _dims_key _dims_from_list _calc_stats _stat_value "
    "_evaluate_alarm _evaluate_all_alarms _record_history _dispatch_alarm_actions _evaluate_parent_alarms",
}
OVERRIDES = {
    "alarm evaluation": "ministack mixes the metric's dimensions, sees one period only, and never treats missing data; "
    "here dimensions, evaluation periods, datapoints to alarm, units and missing data count as on AWS",
    "when alarms are evaluated": "ministack looks at a put only; here once in a minute's scaled time, too",
    "alarms on AWS/SageMaker": "threshold and period keep their meaning, but datapoints follow one another by Period / "
    "SANDBOX_TIME_SCALE (60 by default), each of the last whole Period: five periods of a minute take five seconds",
}
_SCALED_NAMESPACES = ("AWS/SageMaker", "/aws/sagemaker/")
_MINUTE = 60.0
_logger = logging.getLogger(__name__)


class Alarms:
    """The evaluation of all metric alarms of the account."""

    def __init__(self, time_scale: float) -> None:
        self._time_scale = time_scale
        self._evaluations: dict[str, Evaluation] = {}
        self._queues = QueueDepths()

    def install(self) -> None:
        """Replace ministack's evaluation and actions."""
        cloudwatch._evaluate_alarm = self.evaluate
        alarm_actions.install()
        math_alarms.install()

    async def watch(self) -> None:
        """Evaluate all alarms again and again, until cancelled."""
        while True:
            await asyncio.sleep(_MINUTE / self._time_scale)
            for name in self._evaluations.keys() - set(cloudwatch._alarms):
                del self._evaluations[name]
            self._queues.record()
            cloudwatch._evaluate_all_alarms()

    def evaluate(self, alarm: dict[str, Any]) -> None:
        """Set one alarm's state by its metric, and run its actions."""
        if alarm.get("Metrics"):
            statistic = _of_expression(MetricQueries.read(alarm["Metrics"]))
        elif alarm.get("Namespace") and alarm.get("MetricName"):
            statistic = functools.partial(_statistic, alarm, _points(alarm))
        else:
            return
        found = self._evaluation(alarm).state(statistic, time.time())
        if found is None or found[0] == alarm["StateValue"]:
            return
        former, (state, reason) = alarm["StateValue"], found
        alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
        cloudwatch._record_history(alarm["AlarmName"], former, state, reason)
        cloudwatch._dispatch_alarm_actions(alarm, former, state, reason)
        cloudwatch._evaluate_parent_alarms(alarm)

    def _evaluation(self, alarm: dict[str, Any]) -> Evaluation:
        """The evaluation of an alarm; a changed alarm starts again."""
        found = self._evaluations.get(alarm["AlarmName"])
        if found is None or found.alarm is not alarm:
            namespaces, period = _watched(alarm)
            scaled = all(namespace.startswith(_SCALED_NAMESPACES) for namespace in namespaces)
            step = period / self._time_scale if scaled else period
            found = self._evaluations[alarm["AlarmName"]] = Evaluation(alarm, period, step)
        return found


def _watched(alarm: dict[str, Any]) -> tuple[list[str], float]:
    """The namespaces and the period of an alarm's metrics."""
    if not alarm.get("Metrics"):
        return [alarm["Namespace"]], alarm["Period"]
    queries = MetricQueries.read(alarm["Metrics"])
    return [found["Metric"]["Namespace"] for found in queries.metrics.values()], queries.period


def _of_expression(queries: MetricQueries) -> Statistic:
    """The value of an expression between two times."""
    metrics = {}
    for name, found in queries.metrics.items():
        metric = {**found["Metric"], "Unit": found.get("Unit"), "ExtendedStatistic": found["Stat"]}
        metrics[name] = (metric, _points(metric))

    def statistic(start: float, end: float) -> float | None:
        return queries.value({name: _statistic(*found, start, end) for name, found in metrics.items()})

    return statistic


def _points(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    dimensions = alarm.get("Dimensions") or []
    by_name = dimensions if isinstance(dimensions, dict) else cloudwatch._dims_from_list(dimensions)
    return cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(by_name))) or []


def _statistic(alarm: dict[str, Any], points: list[dict[str, Any]], start: float, end: float) -> float | None:
    chosen = []
    for point in reversed(points):  # they arrive roughly in order of time
        if point["Timestamp"] < start - _MINUTE:
            break
        if start < point["Timestamp"] <= end and alarm.get("Unit") in (None, "", point.get("Unit")):
            chosen.append(point)
    if not chosen:
        return None
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    return cloudwatch._stat_value(cloudwatch._calc_stats(chosen), name, chosen)
