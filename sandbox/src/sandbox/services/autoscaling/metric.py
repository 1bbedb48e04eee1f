"""The metric that a policy follows, as CloudWatch names it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from sandbox.frame.host import Host
from sandbox.services.autoscaling.identity import Resource

INVOCATIONS = "SageMakerVariantInvocationsPerInstance"


@dataclass(frozen=True)
class Metric:
    """One metric with its statistic over `period` seconds."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str
    period: int = 60

    @classmethod
    def of_alarm(cls, alarm: dict[str, Any]) -> Metric:
        dimensions = tuple((item["Name"], item["Value"]) for item in alarm["Dimensions"])
        return cls(alarm["Namespace"], alarm["MetricName"], dimensions, alarm["Statistic"], alarm["Period"])

    @classmethod
    def tracked(cls, resource: Resource, configuration: dict[str, Any]) -> Metric:
        """The metric of a TargetTrackingScalingPolicyConfiguration."""
        if "CustomizedMetricSpecification" in configuration:
            given = configuration["CustomizedMetricSpecification"]
            dimensions = tuple((item["Name"], item["Value"]) for item in given.get("Dimensions", []))
            return cls(given["Namespace"], given["MetricName"], dimensions, given["Statistic"])
        dimensions = (("EndpointName", resource.endpoint), ("VariantName", resource.variant))
        return cls("AWS/SageMaker", "InvocationsPerInstance", dimensions, "Sum")

    @property
    def request(self) -> dict[str, Any]:
        """The members that CloudWatch's requests share."""
        return {
            "Namespace": self.namespace,
            "MetricName": self.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions],
            "Period": self.period,
        }

    def latest(self, host: Host) -> float | None:
        """The statistic over the last period; None without data."""
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
        parts = host.client("cloudwatch").get_metric_statistics(
            **self.request,
            StartTime=end - datetime.timedelta(seconds=self.period + 1),
            EndTime=end,
            Statistics=sorted({self.statistic, "Sum", "SampleCount"}),
        )["Datapoints"]
        return _joined(self.statistic, parts)


def _joined(statistic: str, parts: list[dict[str, Any]]) -> float | None:
    """CloudWatch's buckets lie on whole periods: the last period is the end of one and the start of another."""
    if not parts:
        return None
    values = [part[statistic] for part in parts]
    if statistic in ("Sum", "SampleCount"):
        return sum(values)
    if statistic == "Average":
        return sum(part["Sum"] for part in parts) / sum(part["SampleCount"] for part in parts)
    return min(values) if statistic == "Minimum" else max(values)
