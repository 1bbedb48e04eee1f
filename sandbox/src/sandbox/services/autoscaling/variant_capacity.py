"""The instance count of a variant, read and set through SageMaker's API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sandbox.frame.host import Host
from sandbox.services.autoscaling.identity import Resource


class NoVariant(Exception):
    """When the endpoint or its variant is not there; the message says which."""


@dataclass(frozen=True)
class Capacity:
    """Instances that run, instances that are wanted, and whether the endpoint may be changed now."""

    current: int
    desired: int
    settled: bool
    failure: str | None


def capacity_of(host: Host, resource: Resource) -> Capacity:
    """Raises NoVariant."""
    try:
        found = host.client("sagemaker").describe_endpoint(EndpointName=resource.endpoint)
    except ClientError as error:
        raise NoVariant(error.response["Error"]["Message"]) from error
    for variant in found.get("ProductionVariants", []):
        if variant["VariantName"] == resource.variant:
            return _capacity(found, variant)
    raise NoVariant(f"Endpoint {resource.endpoint} ({found['EndpointStatus']}) has no variant {resource.variant}")


def set_capacity(host: Host, resource: Resource, count: int) -> None:
    """Raises ClientError."""
    host.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=resource.endpoint,
        DesiredWeightsAndCapacities=[{"VariantName": resource.variant, "DesiredInstanceCount": count}],
    )


def _capacity(endpoint: dict[str, Any], variant: dict[str, Any]) -> Capacity:
    return Capacity(
        variant["CurrentInstanceCount"],
        variant["DesiredInstanceCount"],
        endpoint["EndpointStatus"] == "InService",
        endpoint.get("FailureReason"),
    )
