"""Tags of SageMaker's resources: AddTags, ListTags, DeleteTags."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sandbox.frame.operations import Request, Response, operation

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

TagList = list[dict[str, str]]


class Tags:
    """Keys and values by ARN. A resource without tags takes no space here."""

    kept = ("_tags",)

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._tags: dict[str, dict[str, str]] = {}

    def set(self, arn: str, tags: Iterable[dict[str, str]]) -> None:
        """Add tags; a key that exists gets the new value."""
        with self._lock:
            self._tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})

    def of(self, arn: str) -> TagList:
        """The tags of a resource, as the API lists them; none if it has none."""
        with self._lock:
            return [{"Key": key, "Value": value} for key, value in self._tags.get(arn, {}).items()]

    def drop(self, arn: str) -> None:
        """Forget a deleted resource."""
        with self._lock:
            self._tags.pop(arn, None)

    def everything(self) -> Iterator[tuple[str, TagList]]:
        """Every tagged resource: (ARN, tags)."""
        with self._lock:
            arns = [arn for arn, tags in self._tags.items() if tags]
        for arn in arns:
            yield arn, self.of(arn)

    @operation(accepts={"ResourceArn", "Tags"})
    def add_tags(self, request: Request) -> Response:
        self.set(request["ResourceArn"], request["Tags"])
        return {"Tags": self.of(request["ResourceArn"])}

    @operation(accepts={"ResourceArn", "NextToken", "MaxResults"})
    def list_tags(self, request: Request) -> Response:
        return {"Tags": self.of(request["ResourceArn"])}

    @operation(accepts={"ResourceArn", "TagKeys"})
    def delete_tags(self, request: Request) -> Response:
        with self._lock:
            tags = self._tags.get(request["ResourceArn"], {})
            for key in request["TagKeys"]:
                tags.pop(key, None)
        return {}
