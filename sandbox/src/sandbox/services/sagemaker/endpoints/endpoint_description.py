"""The description of an endpoint: DescribeEndpoint's answer, and the events of its state."""

from __future__ import annotations

import datetime
import re
from typing import Any

from sandbox.frame.clock import with_epoch_millis
from sandbox.services.sagemaker.base.image_paths import resolved
from sandbox.services.sagemaker.endpoints.endpoint import Endpoint
from sandbox.services.sagemaker.endpoints.variants import Variant

STATE_CHANGE = "SageMaker Endpoint State Change"
DEPLOYMENT_CHANGE = "SageMaker Endpoint Deployment State Change"


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
    optional = {
        "FailureReason": endpoint.failure_reason,
        "ProductionVariants": [describe_variant(variant) for variant in endpoint.variants],
        "PendingDeploymentSummary": endpoint.pending,
        "LastDeploymentConfig": endpoint.last_deployment,
    }
    return {**answer, **{name: value for name, value in optional.items() if value}}


def describe_variant(variant: Variant) -> dict[str, Any]:
    """A ProductionVariantSummary."""
    image = variant.fleet.container.image
    return {
        "VariantName": variant.name,
        "DeployedImages": [{"SpecifiedImage": image, **resolved(image), "ResolutionTime": variant.fleet.created}],
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.desired_weight,
        "CurrentInstanceCount": len(variant.fleet),
        "DesiredInstanceCount": variant.desired_count,
    }


def pending_summary(
    config: str,
    variants: tuple[Variant, ...],
    status: str,
    since: datetime.datetime,
    started: datetime.datetime,
) -> dict[str, Any]:
    """A PendingDeploymentSummary, its variants all at one stage (Creating, ActivatingTraffic, Baking, Deleting)."""
    stage = [{"Status": status, "StartTime": since}]
    return {
        "EndpointConfigName": config,
        "StartTime": started,
        "ProductionVariants": [
            {**describe_variant(variant), "InstanceType": variant.fleet.variant["InstanceType"], "VariantStatus": stage}
            for variant in variants
        ],
    }


def state_change(description: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    """An event's detail; its status is IN_SERVICE where the API says InService.

    Source: AWS, "Events that Amazon SageMaker AI sends to Amazon EventBridge", endpoint state change, endpoint
    deployment state change.
    """
    detail = with_epoch_millis({"ProductionVariants": [], **description, "Tags": tags})
    detail["EndpointStatus"] = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", description["EndpointStatus"]).upper()
    return detail
