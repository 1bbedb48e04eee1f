"""The changes of capacity: alarms ring, policies say by how much, cooldowns say when.

One thread looks once in a minute's scaled time. An alarm that goes on ringing acts again each time, as on AWS.
Sources: AWS, "Target tracking scaling policies", "Step scaling policies", "Define cooldown periods".
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.frame.host import Host
from sandbox.services.autoscaling import step_scaling, target_tracking
from sandbox.services.autoscaling.identity import Resource
from sandbox.services.autoscaling.metric import Metric
from sandbox.services.autoscaling.scalable_targets import ScalableTargets
from sandbox.services.autoscaling.scaling_activities import ScalingActivities
from sandbox.services.autoscaling.scaling_policies import TRACKING, ScalingPolicies, cooldown_of
from sandbox.services.autoscaling.variant_capacity import Capacity, NoVariant, capacity_of, set_capacity

_INTERVAL = 60  # seconds on AWS
_logger = logging.getLogger(__name__)


@dataclass
class Change:
    """A change of a target's capacity: under way while `activity` is in progress, then cooling down."""

    activity: dict[str, Any]
    before: int
    count: int
    policy: dict[str, Any] | None
    ended: float | None = None

    @property
    def inward(self) -> bool:
        return self.count < self.before


@dataclass(frozen=True)
class Demand:
    """The capacity that a policy asks for while its alarm rings."""

    count: int
    cause: str
    policy: dict[str, Any]


class Scaler:
    """Looks at every scalable target in turn."""

    def __init__(
        self, host: Host, targets: ScalableTargets, policies: ScalingPolicies, activities: ScalingActivities
    ) -> None:
        self._host, self._targets, self._policies, self._activities = host, targets, policies, activities
        self._changes: dict[str, Change] = {}
        self._closed = threading.Event()
        self._started = threading.Lock()

    def start(self) -> None:
        """Look from now on; a second call does nothing."""
        if self._started.acquire(blocking=False):
            threading.Thread(target=self._run, name="autoscaling", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(self._host.scaled(_INTERVAL)):
            try:
                self._look()
            except (ClientError, BotoCoreError, NoVariant):
                _logger.exception("one look of auto scaling failed")

    def _look(self) -> None:
        targets = self._targets.store.all()
        ringing = self._ringing() if targets else []
        for target in targets:
            try:
                self._look_at(target, ringing)
            except NoVariant as reason:
                _logger.warning("%s cannot be scaled: %s", target["ResourceId"], reason)

    def _look_at(self, target: dict[str, Any], ringing: list[dict[str, Any]]) -> None:
        resource = Resource.parse(target["ResourceId"])
        capacity = capacity_of(self._host, resource)
        change = self._changes.get(resource.id)
        if change and change.ended is None:
            self._follow(change, capacity)
        elif not capacity.settled:
            return
        elif capacity.desired < target["MinCapacity"]:
            self._set(resource, capacity, target["MinCapacity"], "minimum capacity was set to", None)
        elif capacity.desired > target["MaxCapacity"]:
            self._set(resource, capacity, target["MaxCapacity"], "maximum capacity was set to", None)
        elif demand := self._demand(target, capacity, ringing):
            self._set(resource, capacity, demand.count, demand.cause, demand.policy)

    def _ringing(self) -> list[dict[str, Any]]:
        pages = self._host.client("cloudwatch").get_paginator("describe_alarms").paginate(StateValue="ALARM")
        return [alarm for page in pages for alarm in page.get("MetricAlarms", [])]

    def _demand(self, target: dict[str, Any], capacity: Capacity, ringing: list[dict[str, Any]]) -> Demand | None:
        """The largest capacity that policies ask for, within bounds and cooldowns. None for no change."""
        policies = {
            item["PolicyARN"]: item for item in self._policies.store.all() if item["ResourceId"] == target["ResourceId"]
        }
        demands = [
            Demand(self._bounded(target, self._wanted(policy, alarm, capacity)), _cause(policy, alarm), policy)
            for alarm in ringing
            for policy in (policies.get(arn) for arn in alarm.get("AlarmActions", []))
            if policy is not None
        ]
        asked = [demand for demand in demands if self._may(target, demand, capacity)]
        return max(asked, key=lambda demand: demand.count, default=None)

    def _wanted(self, policy: dict[str, Any], alarm: dict[str, Any], capacity: Capacity) -> int:
        value = Metric.of_alarm(alarm).latest(self._host)
        if value is None:
            return capacity.desired
        if policy["PolicyType"] == TRACKING:
            configuration = policy["TargetTrackingScalingPolicyConfiguration"]
            wanted = target_tracking.wanted_capacity(configuration, value, capacity.current)
            low = alarm["ComparisonOperator"] == "LessThanThreshold"
            return min(wanted, capacity.desired) if low else max(wanted, capacity.desired)
        configuration = policy["StepScalingPolicyConfiguration"]
        return step_scaling.wanted_capacity(configuration, value - alarm["Threshold"], capacity.current)

    @staticmethod
    def _bounded(target: dict[str, Any], count: int) -> int:
        return min(max(count, target["MinCapacity"]), target["MaxCapacity"])

    def _may(self, target: dict[str, Any], demand: Demand, capacity: Capacity) -> bool:
        """Neither suspended nor cooling down. A scale-out goes on while a scale-in cools down, not the reverse."""
        inward = demand.count < capacity.desired
        suspended = "DynamicScalingInSuspended" if inward else "DynamicScalingOutSuspended"
        if demand.count == capacity.desired or target["SuspendedState"][suspended]:
            return False
        change = self._changes.get(target["ResourceId"])
        if change is None or change.ended is None or change.policy is None or (change.inward and not inward):
            return True
        cooldown = self._host.scaled(cooldown_of(change.policy, inward=change.inward))
        return time.monotonic() - change.ended >= cooldown

    def _set(
        self, resource: Resource, capacity: Capacity, count: int, cause: str, policy: dict[str, Any] | None
    ) -> None:
        activity = self._activities.begin(resource.id, count, cause if policy else f"{cause} {count}")
        change = self._changes[resource.id] = Change(activity, capacity.desired, count, policy)
        try:
            set_capacity(self._host, resource, count)
        except ClientError as error:
            self._end(change, "Failed", f"Failed to set desired instance count to {count}. Reason: {error}")

    def _follow(self, change: Change, capacity: Capacity) -> None:
        if not capacity.settled:
            return
        if capacity.current == change.count:
            done = f"Successfully set desired instance count to {change.count}."
            self._end(change, "Successful", f"{done} Change successfully fulfilled by sagemaker.")
        else:
            failed = f"Failed to set desired instance count to {change.count}."
            self._end(change, "Failed", f"{failed} Reason: {capacity.failure}")

    def _end(self, change: Change, code: str, message: str) -> None:
        change.ended = time.monotonic()
        self._activities.end(change.activity, code, message)


def _cause(policy: dict[str, Any], alarm: dict[str, Any]) -> str:
    return f"monitor alarm {alarm['AlarmName']} in state ALARM triggered policy {policy['PolicyName']}"
