"""Step scaling: the metric's distance from the alarm's threshold decides by how much to scale.

Source: AWS, "Step scaling policies for Application Auto Scaling".
"""

from __future__ import annotations

import math
from typing import Any

from sandbox.frame.errors import ValidationException


def require_steps(configuration: dict[str, Any]) -> None:
    """Raise ValidationException for a configuration that says nothing to do."""
    for member in ("AdjustmentType", "StepAdjustments"):
        if not configuration.get(member):
            raise ValidationException(f"StepScalingPolicyConfiguration needs {member}.")


def wanted_capacity(configuration: dict[str, Any], beyond: float, capacity: int) -> int:
    """The capacity after the step that holds `beyond`: the metric less the threshold."""
    for step in configuration["StepAdjustments"]:
        lower = step.get("MetricIntervalLowerBound", -math.inf)
        upper = step.get("MetricIntervalUpperBound", math.inf)
        if lower <= beyond < upper or (beyond < 0 and lower < beyond <= upper):
            return _adjusted(configuration, step["ScalingAdjustment"], capacity)
    return capacity


def _adjusted(configuration: dict[str, Any], adjustment: int, capacity: int) -> int:
    kind = configuration["AdjustmentType"]
    if kind == "ExactCapacity":
        return adjustment
    if kind == "ChangeInCapacity":
        return capacity + adjustment
    change = capacity * adjustment / 100
    whole = math.copysign(max(1, math.floor(abs(change))), change)
    least = configuration.get("MinAdjustmentMagnitude", 0)
    return capacity + int(math.copysign(max(abs(whole), least), change))
