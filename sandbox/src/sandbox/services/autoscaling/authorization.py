"""The permissions that each call of Application Auto Scaling demands of its caller.

Sources: Service Authorization Reference, "Actions, resources, and condition keys for AWS Application Auto Scaling";
Application Auto Scaling User Guide, "Permissions validation for Application Auto Scaling API calls on target resources"
and "Identity-based policy examples" (SageMaker endpoints, service-linked roles).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.frame.host import ACCOUNT, REGION
from sandbox.frame.permissions import Permission

_LINKED = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_TARGETS = f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/*"
_ALARMS = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"


def permissions(operation: str, path: str, request: dict[str, Any]) -> list[Permission]:
    """The call's own action. A target's ARN holds a random id that no caller knows, so policies allow all resources.

    The actions that read have no condition keys of the service.
    """
    context = (
        {}
        if operation.startswith(("Describe", "List", "Get"))
        else {
            f"application-autoscaling:{key}": request[member]
            for key, member in (("service-namespace", "ServiceNamespace"), ("scalable-dimension", "ScalableDimension"))
            if request.get(member)
        }
    )
    if operation in ("TagResource", "UntagResource"):
        return [Permission(f"application-autoscaling:{operation}", request.get("ResourceARN", "*"), _tagging(request))]
    own = Permission(f"application-autoscaling:{operation}", "*", context)
    if operation != "RegisterScalableTarget":
        return [own]
    tagged = [Permission("application-autoscaling:TagResource", _TARGETS, _tagging(request))]
    return [own, *(tagged if request.get("Tags") else []), *_validated(request)]


def _tagging(request: dict[str, Any]) -> dict[str, Any]:
    """The condition keys of a request with tags."""
    tags = request.get("Tags", {})
    keys = sorted(tags) or request.get("TagKeys", [])
    return {"aws:TagKeys": keys, **{f"aws:RequestTag/{key}": value for key, value in tags.items()}}


def _validated(request: dict[str, Any]) -> Iterator[Permission]:
    """The calls that the service tries with the caller's permissions before it registers a variant."""
    endpoint = str(request.get("ResourceId", "")).split("/")[1:2] or ["*"]
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{endpoint[0].lower()}"
    yield Permission("sagemaker:DescribeEndpoint", arn)
    yield Permission("sagemaker:DescribeEndpointConfig", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint-config/*")
    yield Permission("sagemaker:UpdateEndpointWeightsAndCapacities", arn)
    yield from (Permission(f"cloudwatch:{action}", _ALARMS) for action in _ALARM_ACTIONS)
    yield Permission(
        "iam:CreateServiceLinkedRole",
        _LINKED,
        {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"},
    )


_ALARM_ACTIONS = ("PutMetricAlarm", "DescribeAlarms", "DeleteAlarms")
