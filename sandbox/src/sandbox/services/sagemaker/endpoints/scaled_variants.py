"""Variants of an endpoint that Application Auto Scaling scales.

Source: AWS, "Update endpoints that use auto scaling", "Delete endpoints configured for auto scaling".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.services.sagemaker.endpoints.endpoint import Endpoint
from sandbox.services.sagemaker.endpoints.variants import Variant

_DIMENSION = "sagemaker:variant:DesiredInstanceCount"


def refuse_other_types(host: Host, endpoint: Endpoint, green: Iterable[Variant]) -> None:
    """Raise ValidationException if an update takes a scaled variant away or changes its instance type."""
    new = {variant.name: variant.fleet.variant["InstanceType"] for variant in green}
    scaled = {target["ResourceId"].rpartition("/")[2] for target in _targets(host, endpoint)}
    for variant in endpoint.variants:
        before = variant.fleet.variant["InstanceType"]
        if variant.name in scaled and new.get(variant.name) != before:
            raise ValidationException(
                f"The variant {variant.name} of endpoint {endpoint.name} ({before}) is registered for automatic "
                "scaling: deregister it before an update removes it or changes its instance type."
            )


def deregister(host: Host, endpoint: Endpoint) -> None:
    """Deregister a deleted endpoint's variants."""
    for target in _targets(host, endpoint):
        host.client("application-autoscaling").deregister_scalable_target(
            ServiceNamespace="sagemaker", ResourceId=target["ResourceId"], ScalableDimension=_DIMENSION
        )


def _targets(host: Host, endpoint: Endpoint) -> list[dict[str, Any]]:
    resources = [f"endpoint/{endpoint.name}/variant/{variant.name}" for variant in endpoint.variants]
    if not resources:
        return []
    return host.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=resources, ScalableDimension=_DIMENSION
    )["ScalableTargets"]
