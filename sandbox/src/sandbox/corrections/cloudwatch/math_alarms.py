"""Alarms on metric math, by the API and by CloudFormation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudwatch.metric_math import OFFERED, MetricQueries, NotOffered

NAMES = {
    "ministack.services.cloudwatch": "_put_metric_alarm _alarms _evaluate_alarm _error",
    "ministack.services.cloudformation.provisioners": "_cw_metric_alarm_record",
}
OVERRIDES = {
    "alarms on metric math": f"ministack accepts them and never evaluates them; here an expression of {OFFERED} is "
    "evaluated, and anything else is refused by name"
}
_OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")


def install() -> None:
    """Take `Metrics` in PutMetricAlarm and in AWS::CloudWatch::Alarm."""
    put, record = cloudwatch._put_metric_alarm, provisioners._cw_metric_alarm_record

    def put_metric_alarm(params: Any, body: Any, is_cbor: bool, is_json: bool = False) -> Any:
        metrics = (body or {}).get("Metrics")
        if any(str(name).startswith("Metrics.member.") for name in params):
            reason = "the sandbox takes Metrics in CBOR or JSON only, not in the query protocol"
            return cloudwatch._error("ValidationError", reason, 400)
        if not metrics:
            return put(params, body, is_cbor, is_json)
        try:
            MetricQueries.read(metrics)
        except NotOffered as refusal:
            return cloudwatch._error("ValidationError", str(refusal), 400, use_json=is_json, use_cbor=is_cbor)
        answer = put(params, body, is_cbor, is_json)
        if alarm := cloudwatch._alarms.get(body.get("AlarmName", "")):
            _set_metrics(alarm, metrics)
            cloudwatch._evaluate_alarm(alarm)
        return answer

    def metric_alarm_record(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        metrics = properties.get("Metrics")
        if not metrics:
            return record(name, properties)
        try:
            MetricQueries.read(metrics)
        except NotOffered as refusal:
            raise ValueError(f"AWS::CloudWatch::Alarm Metrics: {refusal}") from None
        one = {**properties, "Metrics": None, "MetricName": "replaced", "Namespace": "replaced"}
        alarm = record(name, one)
        _set_metrics(alarm, metrics)
        return alarm

    cloudwatch._put_metric_alarm = put_metric_alarm
    provisioners._cw_metric_alarm_record = metric_alarm_record


def _set_metrics(alarm: dict[str, Any], metrics: Sequence[Any]) -> None:
    for member in _OF_ONE_METRIC:
        alarm.pop(member, None)
    alarm["Metrics"] = metrics
