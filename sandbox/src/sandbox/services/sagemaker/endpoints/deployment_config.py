"""A DeploymentConfig: traffic shifting, waits and rollback of an endpoint's update.

Source: AWS, "Blue/Green Deployments", "Use canary traffic shifting", "Use linear traffic shifting", "Auto-Rollback
Configuration and Monitoring"; botocore's shapes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.frame.errors import ValidationException

ALL_AT_ONCE, CANARY, LINEAR = "ALL_AT_ONCE", "CANARY", "LINEAR"
HONOURED = {
    "DeploymentConfig.BlueGreenUpdatePolicy",
    "DeploymentConfig.AutoRollbackConfiguration",
}
REDUCED = {
    "DeploymentConfig.BlueGreenUpdatePolicy": (
        "waits (WaitIntervalInSeconds, TerminationWaitInSeconds) are divided by SANDBOX_TIME_SCALE, 60 by default; "
        "MaximumExecutionTimeoutInSeconds counts the waits as declared and the start of instances in real seconds"
    ),
    "DeploymentConfig.AutoRollbackConfiguration": (
        "an alarm on AWS/SageMaker keeps its period and its threshold, and is evaluated anew each Period / "
        "SANDBOX_TIME_SCALE, so that it can ring within a wait that is shorter by the same factor"
    ),
}
_SIZES = {CANARY: ("CanarySize", 1, 50), LINEAR: ("LinearStepSize", 10, 50)}
_DEFAULT_TIMEOUT = 28800


@dataclass(frozen=True)
class Size:
    """A part of a fleet (a CapacitySize)."""

    type: str
    value: int

    def instances(self, count: int) -> int:
        """The number of instances, out of `count`, rounded down."""
        return self.value if self.type == "INSTANCE_COUNT" else count * self.value // 100


@dataclass(frozen=True)
class Plan:
    """The plan of an update. Seconds are AWS's, not yet scaled."""

    type: str = ALL_AT_ONCE
    size: Size | None = None
    interval: int = 0
    bake: int = 0
    timeout: int = _DEFAULT_TIMEOUT
    alarms: tuple[str, ...] = ()

    def steps(self, count: int) -> list[int]:
        """The numbers of instances, out of `count`, that take traffic after each step."""
        if self.size is None:
            return [count]
        first = self.size.instances(count)
        if self.type == CANARY:
            return [first, count]
        return [*range(first, count, first), count]

    def require_fit(self, counts: dict[str, int]) -> None:
        """Raise ValidationException for a step of a size that AWS refuses. `counts` is by variant."""
        if self.size is None:
            return
        name, least, most = _SIZES[self.type]
        for variant, count in counts.items():
            taken = self.size.instances(count)
            share = self.size.value if self.size.type == "CAPACITY_PERCENT" else 100 * taken / count
            if taken < 1 or not least <= share <= most:
                raise ValidationException(
                    f"{name} of {self.size.value} ({self.size.type}) is {taken} of the {count} instances of variant "
                    f"{variant}: it must be at least one instance, and {least} to {most} percent of them."
                )


def plan_of(config: dict[str, Any] | None) -> Plan:
    """The plan of a request. Raises ValidationException for contradictions."""
    config = config or {}
    alarms = tuple(alarm["AlarmName"] for alarm in config.get("AutoRollbackConfiguration", {}).get("Alarms", []))
    policy = config.get("BlueGreenUpdatePolicy")
    if policy is None:
        return Plan(alarms=alarms)
    routing = policy["TrafficRoutingConfiguration"]
    kind, interval = routing["Type"], routing["WaitIntervalInSeconds"]
    plan = Plan(
        kind,
        _size(kind, routing),
        interval if kind != ALL_AT_ONCE else 0,
        policy.get("TerminationWaitInSeconds", 0),
        policy.get("MaximumExecutionTimeoutInSeconds", _DEFAULT_TIMEOUT),
        alarms,
    )
    if plan.interval + plan.bake >= plan.timeout:
        raise ValidationException(
            f"MaximumExecutionTimeoutInSeconds of {plan.timeout} must be larger than the sum of "
            f"TerminationWaitInSeconds and WaitIntervalInSeconds, which is {plan.interval + plan.bake}."
        )
    return plan


def _size(kind: str, routing: dict[str, Any]) -> Size | None:
    wanted = _SIZES[kind][0] if kind in _SIZES else None
    given: Iterable[str] = [name for name, _, _ in _SIZES.values() if name in routing]
    for name in given:
        if name != wanted:
            raise ValidationException(f"{name} has no meaning for TrafficRoutingConfiguration of type {kind}.")
    if wanted is None:
        return None
    if wanted not in routing:
        raise ValidationException(f"TrafficRoutingConfiguration of type {kind} needs {wanted}.")
    return Size(routing[wanted]["Type"], routing[wanted]["Value"])
