"""Scaling policies: target tracking and step scaling."""

from __future__ import annotations

import uuid
from operator import itemgetter
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags
from sandbox.services.autoscaling.errors import ObjectNotFoundException
from sandbox.services.autoscaling.identity import DIMENSION, KEY, NAMESPACE, ONLY, Resource, page
from sandbox.services.autoscaling.metric import INVOCATIONS, Metric
from sandbox.services.autoscaling.scalable_targets import ScalableTargets
from sandbox.services.autoscaling.step_scaling import require_steps
from sandbox.services.autoscaling.target_tracking import DEFAULT_COOLDOWN, delete_alarms, put_alarms

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


_MISSING = (
    f"No scaling policy found for service namespace: {NAMESPACE}, resource ID: {{key[0]}}, scalable dimension: "
    f"{DIMENSION}, policy name: {{key[1]}}"
)
Key = tuple[str, str]
"""The resource id and the name of a policy."""


class ScalingPolicies:
    """Policies by resource and name. A deregistered target takes its policies and their alarms along."""

    def __init__(self, host: Host, targets: ScalableTargets) -> None:
        self._host, self._targets = host, targets
        untagged, missing = Tags(), refusal(_MISSING, ObjectNotFoundException)
        self.store = Store[Key, dict[str, Any]](untagged, itemgetter("PolicyARN"), missing)
        targets.deregistered.append(self._drop_all)

    @operation(accepts=_ACCEPTED, only=_ONLY, reduced=_REDUCED)
    def put_scaling_policy(self, request: Request) -> Response:
        resource = Resource.parse(request["ResourceId"])
        self._targets.store.find(resource.id)
        key = resource.id, request["PolicyName"]
        former = self.store.get(key)
        policy = {**(former or self._new(resource, request)), **_configured(request, former)}
        if policy["PolicyType"] == TRACKING:
            self._require_own_metric(resource, policy)
            policy["Alarms"] = put_alarms(self._host, resource, policy)
        self.store.put(key, policy)
        return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}

    @operation(
        accepts={"PolicyNames", "ServiceNamespace", "ResourceId", "ScalableDimension", "MaxResults", "NextToken"},
        only=ONLY,
    )
    def describe_scaling_policies(self, request: Request) -> Response:
        names, resource_id = request.get("PolicyNames"), request.get("ResourceId")
        found = [
            policy
            for policy in self.store.all()
            if (names is None or policy["PolicyName"] in names) and resource_id in (None, policy["ResourceId"])
        ]
        return page("ScalingPolicies", found, request)

    @operation(accepts={*KEY, "PolicyName"}, only=ONLY)
    def delete_scaling_policy(self, request: Request) -> Response:
        delete_alarms(self._host, self.store.remove((request["ResourceId"], request["PolicyName"])))
        return {}

    def _require_own_metric(self, resource: Resource, policy: dict[str, Any]) -> None:
        """Raise ValidationException if another policy of the target tracks the same metric.

        Source: cdklabs/cdk-ecs-service-extensions #35.
        """
        metric = Metric.tracked(resource, policy[_TRACKING])
        for other in self.store.all():
            is_other = other["ResourceId"] == resource.id and other["PolicyName"] != policy["PolicyName"]
            if is_other and _TRACKING in other and Metric.tracked(resource, other[_TRACKING]) == metric:
                raise ValidationException(
                    "Only one TargetTrackingScaling policy for a given metric specification is allowed."
                )

    def _drop_all(self, resource_id: str) -> None:
        for policy in self.store.all():
            if policy["ResourceId"] == resource_id:
                delete_alarms(self._host, self.store.remove((resource_id, policy["PolicyName"])))

    def _new(self, resource: Resource, request: Request) -> dict[str, Any]:
        name, within = request["PolicyName"], f"{uuid.uuid4()}:resource/{NAMESPACE}/{resource.id}"
        return {
            "PolicyARN": self._host.arn("autoscaling", f"scalingPolicy:{within}:policyName/{name}"),
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
