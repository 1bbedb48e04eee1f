"""Scalable targets: the variants that may be scaled, and their smallest and largest counts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags, pairs
from sandbox.services.autoscaling.errors import ObjectNotFoundException
from sandbox.services.autoscaling.identity import DIMENSION, KEY, NAMESPACE, ONLY, Resource, page
from sandbox.services.autoscaling.service_role import SERVICE_ROLE, require_service_role
from sandbox.services.autoscaling.variant_capacity import NoVariant, capacity_of

_SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")

_MISSING = (
    f"No scalable target registered for service namespace: {NAMESPACE}, resource ID: {{key}}, scalable dimension: "
    f"{DIMENSION}"
)


class ScalableTargets:
    """Targets by resource id. Functions in `deregistered` are called with the id of a deregistered one."""

    def __init__(self, host: Host, tags: Tags) -> None:
        self._host, self._tags = host, tags
        missing = refusal(_MISSING, ObjectNotFoundException)
        self.store = Store[str, dict[str, Any]](tags, itemgetter("ScalableTargetARN"), missing)
        self.deregistered: list[Callable[[str], None]] = []

    @operation(
        accepts={*KEY, "MinCapacity", "MaxCapacity", "RoleARN", "SuspendedState", "Tags"},
        only=ONLY,
        reduced={"RoleARN": "taken and not used, as for every service that has a service-linked role"},
    )
    def register_scalable_target(self, request: Request) -> Response:
        resource = Resource.parse(request["ResourceId"])
        target = {**(self.store.get(resource.id) or self._new(resource)), **_given(request)}
        _require_bounds(target)
        try:
            capacity_of(self._host, resource)
        except NoVariant as reason:
            raise ValidationException(str(reason)) from reason
        require_service_role(self._host)
        tags = pairs(request.get("Tags", {}))
        if too_many := self._tags.too_many(target["ScalableTargetARN"], tags):
            raise ValidationException(too_many)
        self.store.put(resource.id, target, tags)
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    @operation(accepts={"ServiceNamespace", "ResourceIds", "ScalableDimension", "MaxResults", "NextToken"}, only=ONLY)
    def describe_scalable_targets(self, request: Request) -> Response:
        wanted = request.get("ResourceIds")
        targets = [target for target in self.store.all() if wanted is None or target["ResourceId"] in wanted]
        return page("ScalableTargets", targets, request)

    @operation(accepts={*KEY}, only=ONLY)
    def deregister_scalable_target(self, request: Request) -> Response:
        resource_id = request["ResourceId"]
        self.store.remove(resource_id)
        for told in self.deregistered:
            told(resource_id)
        return {}

    def _new(self, resource: Resource) -> dict[str, Any]:
        return {
            "ServiceNamespace": NAMESPACE,
            "ResourceId": resource.id,
            "ScalableDimension": DIMENSION,
            "RoleARN": SERVICE_ROLE.format(account=self._host.account),
            "CreationTime": now(),
            "SuspendedState": dict.fromkeys(_SUSPENSIONS, False),
            "ScalableTargetARN": self._host.arn("application-autoscaling", f"scalable-target/{uuid.uuid4().hex}"),
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
