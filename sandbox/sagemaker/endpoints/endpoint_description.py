"""How an endpoint is shown: DescribeEndpoint's answer, and the event of its state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.sagemaker.api.clock import with_epoch_millis

if TYPE_CHECKING:
    from sandbox.sagemaker.endpoints.endpoints import Endpoint


def describe(endpoint: Endpoint) -> dict[str, Any]:
    """DescribeEndpoint's answer. Variants are shown once there are instances of them."""
    answer = {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": endpoint.config,
        "EndpointStatus": endpoint.status,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
    }
    if endpoint.failure_reason:
        answer["FailureReason"] = endpoint.failure_reason
    if endpoint.instance is not None:
        answer["ProductionVariants"] = [_variant(endpoint)]
    return answer


def _variant(endpoint: Endpoint) -> dict[str, Any]:
    assert endpoint.instance is not None
    image, weight = endpoint.instance.container.image, endpoint.variant["InitialVariantWeight"]
    return {
        "VariantName": endpoint.variant["VariantName"],
        "DeployedImages": [{"SpecifiedImage": image, "ResolutionTime": endpoint.modified}],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": 1,
        "DesiredInstanceCount": 1,
    }


def state_change(description: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    """The event's detail; its status is IN_SERVICE where the API says InService.

    Source: AWS, "Events that Amazon SageMaker AI sends to Amazon EventBridge", endpoint state change.
    """
    detail = with_epoch_millis({"ProductionVariants": [], **description, "Tags": tags})
    detail["EndpointStatus"] = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", description["EndpointStatus"]).upper()
    return detail
