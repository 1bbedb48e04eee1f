"""The names of scalable targets, and the pages of their lists."""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.frame.errors import ValidationException
from sandbox.frame.paging import BadToken, position, token
from sandbox.services.autoscaling.errors import InvalidNextTokenException

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
ONLY = {"ServiceNamespace": (NAMESPACE,), "ScalableDimension": (DIMENSION,)}
KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")


class Resource(NamedTuple):
    """A variant of an endpoint: endpoint/NAME/variant/NAME."""

    endpoint: str
    variant: str

    @property
    def id(self) -> str:
        return f"endpoint/{self.endpoint}/variant/{self.variant}"

    @classmethod
    def parse(cls, resource_id: str) -> Resource:
        """Raises ValidationException."""
        match resource_id.split("/"):
            case ["endpoint", endpoint, "variant", variant] if endpoint and variant:
                return cls(endpoint, variant)
        raise ValidationException(
            f"Unsupported resource id '{resource_id}' for {DIMENSION}: expected endpoint/NAME/variant/NAME"
        )


def page(member: str, records: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    """One page of a Describe answer; 50 records unless told otherwise. Raises InvalidNextTokenException."""
    try:
        start = position(member, request)
    except BadToken as error:
        raise InvalidNextTokenException(str(error)) from error
    end = start + request.get("MaxResults", 50)
    answer: dict[str, Any] = {member: records[start:end]}
    return {**answer, "NextToken": token(member, request, end)} if end < len(records) else answer
