"""Scaling policies: target tracking and step scaling."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.autoscaling.identity import DIMENSION, KEY, NAMESPACE, ONLY, ObjectNotFound, Resource, page
from sandbox.services.autoscaling.metric import INVOCATIONS
from sandbox.services.autoscaling.scalable_targets import ScalableTargets
from sandbox.services.autoscaling.step_scaling import require_steps
from sandbox.services.autoscaling.target_tracking import DEFAULT_COOLDOWN, delete_alarms, put_alarms

if TYPE_CHECKING:
    from sandbox.frame.host import Host

TRACKING, STEP = "TargetTrackingScaling", "StepScaling"
_CONFIGURATION = {TRACKING: "TargetTrackingScalingPolicyConfiguration", STEP: "StepScalingPolicyConfiguration"}
_TRACKING = "TargetTrackingScalingPolicyConfiguration"
_CUSTOM = ("Namespace", "MetricName", "Dimensions", "Statistic")
_ACCEPTED = {
    *KEY,
    "PolicyName",
    "PolicyType",
    *(f"{_TRACKING}.{name}" for name in ("TargetValue", "ScaleInCooldown", "ScaleOutCooldown", "DisableScaleIn")),
    f"{_TRACKING}.PredefinedMetricSpecification.PredefinedMetricType",
    *(f"{_TRACKING}.CustomizedMetricSpecification.{name}" for name in _CUSTOM),
    *(f"StepScalingPolicyConfiguration.{name}" for name in ("AdjustmentType", "StepAdjustments", "Cooldown")),
    "StepScalingPolicyConfiguration.MinAdjustmentMagnitude",
}
_ONLY = {
    **ONLY,
    "PolicyType": (TRACKING, STEP),
    f"{_TRACKING}.PredefinedMetricSpecification.PredefinedMetricType": (INVOCATIONS,),
}
_REDUCED = {
    f"{_TRACKING}.{name}": "divided by SANDBOX_TIME_SCALE, 60 by default"
    for name in ("ScaleInCooldown", "ScaleOutCooldown")
} | {"StepScalingPolicyConfiguration.Cooldown": "divided by SANDBOX_TIME_SCALE, 60 by default"}


class ScalingPolicies:
    """Policies by the resource and name; a target that goes takes its policies and their alarms along."""

    kept = ("_policies",)

    def __init__(self, host: Host, targets: ScalableTargets) -> None:
        self.host, self.targets = host, targets
        self._lock = threading.Lock()
        self._policies: dict[tuple[str, str], dict[str, Any]] = {}
        targets.deregistered.append(self._drop_all)

    @operation(accepts=_ACCEPTED, only=_ONLY, reduced=_REDUCED)
    def put_scaling_policy(self, request: Request) -> Response:
        resource = Resource.parse(request["ResourceId"])
        self.targets.find(resource.id)
        with self._lock:
            former = self._policies.get((resource.id, request["PolicyName"]))
        policy = {**(former or self._new(resource, request)), **_configured(request, former)}
        if policy["PolicyType"] == TRACKING:
            policy["Alarms"] = put_alarms(self.host, resource, policy)
        with self._lock:
            self._policies[resource.id, policy["PolicyName"]] = policy
        return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}

    @operation(
        accepts={"PolicyNames", "ServiceNamespace", "ResourceId", "ScalableDimension", "MaxResults", "NextToken"},
        only=ONLY,
    )
    def describe_scaling_policies(self, request: Request) -> Response:
        names, resource_id = request.get("PolicyNames"), request.get("ResourceId")
        found = [
            policy
            for policy in self.all()
            if (names is None or policy["PolicyName"] in names) and resource_id in (None, policy["ResourceId"])
        ]
        return page("ScalingPolicies", found, request)

    @operation(accepts={*KEY, "PolicyName"}, only=ONLY)
    def delete_scaling_policy(self, request: Request) -> Response:
        with self._lock:
            policy = self._policies.pop((request["ResourceId"], request["PolicyName"]), None)
        if policy is None:
            raise ObjectNotFound(
                f"No scaling policy found for service namespace: {NAMESPACE}, resource ID: {request['ResourceId']}, "
                f"scalable dimension: {DIMENSION}, policy name: {request['PolicyName']}"
            )
        delete_alarms(self.host, policy)
        return {}

    def all(self) -> list[dict[str, Any]]:
        """Every policy, as it is described."""
        with self._lock:
            return list(self._policies.values())

    def _drop_all(self, resource_id: str) -> None:
        with self._lock:
            gone = [key for key in self._policies if key[0] == resource_id]
            policies = [self._policies.pop(key) for key in gone]
        for policy in policies:
            delete_alarms(self.host, policy)

    def _new(self, resource: Resource, request: Request) -> dict[str, Any]:
        name, host = request["PolicyName"], self.host
        return {
            "PolicyARN": f"arn:aws:autoscaling:{host.region}:{host.account}:scalingPolicy:{uuid.uuid4()}:resource/"
            f"{NAMESPACE}/{resource.id}:policyName/{name}",
            "PolicyName": name,
            "ServiceNamespace": NAMESPACE,
            "ResourceId": resource.id,
            "ScalableDimension": DIMENSION,
            "PolicyType": request.get("PolicyType", STEP),
            "Alarms": [],
            "CreationTime": now(),
        }


def _configured(request: Request, former: dict[str, Any] | None) -> dict[str, Any]:
    """The configuration of a request, which belongs to the policy's type. Raises ValidationException."""
    kind = request.get("PolicyType") or (former or {}).get("PolicyType") or STEP
    if former and former["PolicyType"] != kind:
        raise ValidationException(f"The policy {former['PolicyName']} is of type {former['PolicyType']}, not {kind}.")
    member = _CONFIGURATION[kind]
    if member not in request:
        raise ValidationException(f"A policy of type {kind} needs {member}.")
    if other := [name for name in _CONFIGURATION.values() if name != member and name in request]:
        raise ValidationException(f"{other[0]} has no meaning for a policy of type {kind}.")
    configuration = request[member]
    if kind == STEP:
        require_steps(configuration)
    elif ("PredefinedMetricSpecification" in configuration) == ("CustomizedMetricSpecification" in configuration):
        raise ValidationException(
            f"{member} needs one of PredefinedMetricSpecification, CustomizedMetricSpecification."
        )
    return {member: configuration}


def cooldown_of(policy: dict[str, Any], *, inward: bool) -> float:
    """Seconds on AWS after a scaling activity of this policy."""
    configuration = policy[_CONFIGURATION[policy["PolicyType"]]]
    if policy["PolicyType"] == STEP:
        return configuration.get("Cooldown", DEFAULT_COOLDOWN)
    return configuration.get("ScaleInCooldown" if inward else "ScaleOutCooldown", DEFAULT_COOLDOWN)
