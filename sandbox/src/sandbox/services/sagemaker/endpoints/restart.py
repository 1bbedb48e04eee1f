"""An endpoint as plain data, and back: its instances are started anew, while its status is SystemUpdating.

"SystemUpdating: Endpoint is undergoing maintenance and cannot be updated or deleted or re-scaled until it has
completed. This maintenance operation does not change any customer-specified values" (DescribeEndpoint, EndpointStatus).
An update that was under way is undone, as AWS undoes one that fails; a creation goes on.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from sandbox.frame.host import Host
from sandbox.machines.containers.s3_transfer import S3Location
from sandbox.services.sagemaker.endpoints.endpoint import Endpoint
from sandbox.services.sagemaker.endpoints.fleet import Fleet
from sandbox.services.sagemaker.endpoints.served_container import ServedContainer
from sandbox.services.sagemaker.endpoints.variants import Variant

RESTARTING = "SystemUpdating"
_UNDONE = "InternalServerError: the update was under way when the sandbox ended, and is undone. Please try again."
_KEPT = ("name", "arn", "config", "status", "failure_reason", "created", "modified", "last_deployment")


def saved(endpoint: Endpoint) -> dict[str, Any]:
    """The endpoint as plain data, enough to serve it without its model and its configuration."""
    with endpoint.lock:
        kept = {name: getattr(endpoint, name) for name in _KEPT}
        if endpoint.pending is not None:
            kept["failure_reason"] = _UNDONE
        return {**kept, "variants": [_saved_variant(variant) for variant in endpoint.variants]}


def restored(host: Host, state: dict[str, Any]) -> Endpoint:
    """The endpoint, with fleets that have no instances yet."""
    endpoint = Endpoint(**{name: state[name] for name in _KEPT})
    endpoint.variants = tuple(_restored_variant(host, endpoint, variant) for variant in state["variants"])
    if endpoint.variants:
        endpoint.status = RESTARTING
    return endpoint


def _saved_variant(variant: Variant) -> dict[str, Any]:
    fleet = variant.fleet
    return {
        "variant": fleet.variant,
        "config": fleet.config,
        "container": dataclasses.asdict(fleet.container),
        "weight": variant.weight,
        "desired_weight": variant.desired_weight,
        "desired_count": variant.desired_count,
    }


def _restored_variant(host: Host, endpoint: Endpoint, state: dict[str, Any]) -> Variant:
    described = state["container"]
    container = ServedContainer(**{**described, "archive": S3Location(**described["archive"])})
    fleet = Fleet(host, endpoint.name, state["config"], state["variant"], container)
    return Variant(fleet, state["weight"], state["desired_weight"], state["desired_count"])
