"""Metrics that a job's log holds (AlgorithmSpecification.MetricDefinitions)."""

from __future__ import annotations

import re
from typing import Any

from sandbox.sagemaker.api.clock import now
from sandbox.sagemaker.api.errors import ValidationException


class Metrics:
    """The latest value of every defined metric.

    Each definition's expression is searched in every line; its first group is the value. Source: AWS, "Amazon
    CloudWatch Metrics for Monitoring and Analyzing Training Jobs".
    """

    def __init__(self, definitions: list[dict[str, str]]) -> None:
        self._expressions = {definition["Name"]: _compile(definition) for definition in definitions}
        self._found: dict[str, dict[str, Any]] = {}

    def read(self, line: str) -> None:
        """Take the values of one line; what is no number is no value."""
        for name, expression in self._expressions.items():
            matched = expression.search(line)
            if matched is None:
                continue
            try:
                value = float(matched[1])
            except ValueError:
                continue
            self._found[name] = {"MetricName": name, "Value": value, "Timestamp": now()}

    def final(self) -> list[dict[str, Any]]:
        """FinalMetricDataList: the last value of each metric that was found."""
        return list(self._found.values())


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
