"""Target tracking: the two alarms of a policy, and the capacity that it asks for.

Source: AWS, "Target tracking scaling policies for Application Auto Scaling": out when the metric is above the target
for three minutes, in when it is below nine tenths of it for fifteen.
"""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from typing import Any

from sandbox.frame.host import Host
from sandbox.services.autoscaling.identity import Resource
from sandbox.services.autoscaling.metric import Metric

_SCALE_IN_SHARE = 0.9
DEFAULT_COOLDOWN = 300


@dataclass(frozen=True)
class Side:
    """One of the two alarms: the metric on the wrong side of a threshold for so many periods."""

    direction: str
    operator: str
    threshold: float
    periods: int


def put_alarms(host: Host, resource: Resource, policy: dict[str, Any]) -> list[dict[str, str]]:
    """Create or update the policy's alarms. Alarms that exist keep their names."""
    configuration = policy["TargetTrackingScalingPolicyConfiguration"]
    target = configuration["TargetValue"]
    sides = [Side("High", "GreaterThanThreshold", target, 3)]
    if not configuration.get("DisableScaleIn"):
        sides.append(Side("Low", "LessThanThreshold", target * _SCALE_IN_SHARE, 15))
    names = {side: _name(resource, policy, side) for side in sides}
    if gone := sorted(set(_names(policy)) - set(names.values())):
        host.client("cloudwatch").delete_alarms(AlarmNames=gone)
    for side, name in names.items():
        _put(host, name, policy, side, Metric.tracked(resource, configuration))
    return [{"AlarmName": name, "AlarmARN": host.arn("cloudwatch", f"alarm:{name}")} for name in names.values()]


def delete_alarms(host: Host, policy: dict[str, Any]) -> None:
    if names := _names(policy):
        host.client("cloudwatch").delete_alarms(AlarmNames=names)


def wanted_capacity(configuration: dict[str, Any], value: float, capacity: int) -> int:
    """The number of instances that brings the metric to its target."""
    return math.ceil(capacity * value / configuration["TargetValue"])


def _names(policy: dict[str, Any]) -> list[str]:
    return [alarm["AlarmName"] for alarm in policy.get("Alarms", [])]


def _name(resource: Resource, policy: dict[str, Any], side: Side) -> str:
    had = [name for name in _names(policy) if f"-Alarm{side.direction}-" in name]
    return had[0] if had else f"TargetTracking-{resource.id}-Alarm{side.direction}-{uuid.uuid4()}"


def _put(host: Host, name: str, policy: dict[str, Any], side: Side, metric: Metric) -> None:
    host.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        AlarmDescription=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
        AlarmActions=[policy["PolicyARN"]],
        ComparisonOperator=side.operator,
        Threshold=side.threshold,
        EvaluationPeriods=side.periods,
        Statistic=metric.statistic,
        **metric.request,
    )
