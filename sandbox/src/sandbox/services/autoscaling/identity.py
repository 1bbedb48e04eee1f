"""What names a scalable target, and the errors of this API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.frame.errors import ApiError, ValidationException

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
ONLY = {"ServiceNamespace": (NAMESPACE,), "ScalableDimension": (DIMENSION,)}
KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")


class ObjectNotFound(ApiError):
    """When a target or a policy is not there."""

    code = "ObjectNotFoundException"


class ResourceNotFound(ApiError):
    """When an ARN names nothing."""

    code = "ResourceNotFoundException"


class InvalidNextToken(ApiError):
    """When a token does not come from an answer."""

    code = "InvalidNextTokenException"


@dataclass(frozen=True)
class Resource:
    """A variant of an endpoint: endpoint/NAME/variant/NAME."""

    endpoint: str
    variant: str

    @classmethod
    def parse(cls, resource_id: str) -> Resource:
        """Raises ValidationException."""
        match resource_id.split("/"):
            case ["endpoint", endpoint, "variant", variant] if endpoint and variant:
                return cls(endpoint, variant)
        raise ValidationException(
            f"Unsupported resource id '{resource_id}' for {DIMENSION}: expected endpoint/NAME/variant/NAME"
        )

    @property
    def id(self) -> str:
        return f"endpoint/{self.endpoint}/variant/{self.variant}"


def target_missing(resource_id: str) -> ObjectNotFound:
    return ObjectNotFound(
        f"No scalable target registered for service namespace: {NAMESPACE}, resource ID: {resource_id}, scalable "
        f"dimension: {DIMENSION}"
    )


def page(member: str, records: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    """One page of a Describe answer; 50 records unless told otherwise. Raises InvalidNextToken."""
    token = request.get("NextToken", "0")
    if not token.isdecimal() or int(token) > len(records):
        raise InvalidNextToken(f"Invalid NextToken '{token}': use the one of the previous answer.")
    start = int(token)
    end = start + request.get("MaxResults", 50)
    answer: dict[str, Any] = {member: records[start:end]}
    return {**answer, "NextToken": str(end)} if end < len(records) else answer
