"""Metrics that a training job's log holds (AlgorithmSpecification.MetricDefinitions)."""

from __future__ import annotations

import math
import re
import threading
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.machines.batches import Batches

_MOST_DATA = 500  # of one PutMetricData
_INTERVAL = 10.0


class Metrics:
    """The defined metrics. Every value goes to CloudWatch; the last one is the job's final value.

    Each definition's expression is searched in every line; its first group is the value. Source: AWS, "Amazon
    CloudWatch Metrics for Monitoring and Analyzing Training Jobs"; the dimension is the one by which the sagemaker
    SDK's TrainingJobAnalytics asks.
    """

    def __init__(self, definitions: list[dict[str, str]], host: Host, namespace: str, job_name: str) -> None:
        self._expressions = expressions(definitions)
        self._host = host
        self._namespace = namespace
        self._dimensions = [{"Name": "TrainingJobName", "Value": job_name}]
        self._lock = threading.Lock()
        self._final: dict[str, dict[str, Any]] = {}
        self._values: dict[str, list[float]] = {}
        self._data = Batches[dict[str, Any]](self._put, _MOST_DATA, _INTERVAL, f"metrics of {job_name}")

    def start(self) -> None:
        """Publish regularly, until `close`."""
        if self._expressions:
            self._data.start()

    def read(self, line: str) -> None:
        """Take the values of one line; text that is no number is passed over."""
        for name, expression in self._expressions.items():
            if (value := _value(expression, line)) is None:
                continue
            found = {"MetricName": name, "Value": value, "Timestamp": now()}
            with self._lock:
                self._final[name] = found
                self._values.setdefault(name, []).append(value)
            self._data.add({**found, "Dimensions": self._dimensions})

    def final(self) -> list[dict[str, Any]]:
        """FinalMetricDataList: the last value of each metric that was found."""
        with self._lock:
            return list(self._final.values())

    def values(self, name: str) -> list[float]:
        """Every value of one metric so far, in its order."""
        with self._lock:
            return list(self._values.get(name, []))

    def close(self) -> None:
        """Publish the remaining values."""
        self._data.close()

    def _put(self, data: list[dict[str, Any]]) -> None:
        self._host.client("cloudwatch").put_metric_data(Namespace=self._namespace, MetricData=data)


def expressions(definitions: list[dict[str, str]]) -> dict[str, re.Pattern[str]]:
    """The expressions by metric name. Raises ValidationException for one that can find nothing."""
    return {definition["Name"]: _compile(definition) for definition in definitions}


def _value(expression: re.Pattern[str], line: str) -> float | None:
    matched = expression.search(line)
    try:
        value = float(matched[1]) if matched else math.nan
    except (ValueError, TypeError):  # text, or a group that took no part in the match
        return None
    return value if math.isfinite(value) else None  # CloudWatch takes neither NaN nor infinity


def _compile(definition: dict[str, str]) -> re.Pattern[str]:
    try:
        expression = re.compile(definition["Regex"])
    except re.error as error:
        raise ValidationException(
            f"The Regex '{definition['Regex']}' of metric {definition['Name']} is no regular expression: {error}"
        ) from error
    if expression.groups == 0:
        raise ValidationException(
            f"The Regex '{definition['Regex']}' of metric {definition['Name']} captures nothing: put the value's part "
            "in parentheses, such as 'loss=([0-9.]+)'"
        )
    return expression
