"""Scalable targets: which variants may be scaled, and between which counts."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.autoscaling.identity import DIMENSION, KEY, NAMESPACE, ONLY, Resource, page, target_missing
from sandbox.services.autoscaling.service_role import SERVICE_ROLE, require_service_role
from sandbox.services.autoscaling.tags import Tags
from sandbox.services.autoscaling.variant_capacity import NoVariant, capacity_of

if TYPE_CHECKING:
    from sandbox.frame.host import Host

_SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


class ScalableTargets:
    """Targets by resource id; `deregistered` is called with the id of one that goes."""

    kept = ("_targets",)

    def __init__(self, host: Host, tags: Tags) -> None:
        self.host, self.tags = host, tags
        self.deregistered: list[Callable[[str], None]] = []
        self._lock = threading.Lock()
        self._targets: dict[str, dict[str, Any]] = {}

    @operation(
        accepts={*KEY, "MinCapacity", "MaxCapacity", "RoleARN", "SuspendedState", "Tags"},
        only=ONLY,
        reduced={"RoleARN": "taken and not used, as for every service that has a service-linked role"},
    )
    def register_scalable_target(self, request: Request) -> Response:
        resource = Resource.parse(request["ResourceId"])
        with self._lock:
            target = {**self._targets.get(resource.id, self._new(resource)), **_given(request)}
        _require_bounds(target)
        try:
            capacity_of(self.host, resource)
        except NoVariant as reason:
            raise ValidationException(str(reason)) from reason
        require_service_role(self.host)
        with self._lock:
            self._targets[resource.id] = target
        self.tags.set(target["ScalableTargetARN"], request.get("Tags", {}))
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    @operation(accepts={"ServiceNamespace", "ResourceIds", "ScalableDimension", "MaxResults", "NextToken"}, only=ONLY)
    def describe_scalable_targets(self, request: Request) -> Response:
        wanted = request.get("ResourceIds")
        targets = [target for target in self.all() if wanted is None or target["ResourceId"] in wanted]
        return page("ScalableTargets", targets, request)

    @operation(accepts={*KEY}, only=ONLY)
    def deregister_scalable_target(self, request: Request) -> Response:
        resource_id = request["ResourceId"]
        with self._lock:
            target = self._targets.pop(resource_id, None)
        if target is None:
            raise target_missing(resource_id)
        for told in self.deregistered:
            told(resource_id)
        self.tags.drop(target["ScalableTargetARN"])
        return {}

    def all(self) -> list[dict[str, Any]]:
        """Every target, as it is described."""
        with self._lock:
            return list(self._targets.values())

    def find(self, resource_id: str) -> dict[str, Any]:
        """Raises ObjectNotFound."""
        with self._lock:
            if resource_id not in self._targets:
                raise target_missing(resource_id)
            return self._targets[resource_id]

    def _new(self, resource: Resource) -> dict[str, Any]:
        arn = f"arn:aws:application-autoscaling:{self.host.region}:{self.host.account}:scalable-target"
        return {
            "ServiceNamespace": NAMESPACE,
            "ResourceId": resource.id,
            "ScalableDimension": DIMENSION,
            "RoleARN": SERVICE_ROLE.format(account=self.host.account),
            "CreationTime": now(),
            "SuspendedState": dict.fromkeys(_SUSPENSIONS, False),
            "ScalableTargetARN": f"{arn}/{uuid.uuid4().hex}",
        }


def _given(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = {name: request[name] for name in ("MinCapacity", "MaxCapacity") if name in request}
    if "SuspendedState" in request:
        given["SuspendedState"] = dict.fromkeys(_SUSPENSIONS, False) | request["SuspendedState"]
    return given


def _require_bounds(target: dict[str, Any]) -> None:
    if missing := [name for name in ("MinCapacity", "MaxCapacity") if name not in target]:
        raise ValidationException(f"A new scalable target needs {' and '.join(missing)}.")
    least, most = target["MinCapacity"], target["MaxCapacity"]
    if least > most:
        raise ValidationException(f"Maximum capacity {most} cannot be less than minimum capacity {least}.")
    if least < 1:
        raise ValidationException(f"MinCapacity is {least}: a variant without inference components has at least one.")
