"""The operations on tags: AddTags, ListTags, DeleteTags."""

from __future__ import annotations

from sandbox.frame.errors import ValidationException
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.tags import Tags


class TagOperations:
    """Tags of every kind of SageMaker's resources, by ARN."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags

    @operation(accepts={"ResourceArn", "Tags"})
    def add_tags(self, request: Request) -> Response:
        if refusal := self._tags.too_many(request["ResourceArn"], request["Tags"]):
            raise ValidationException(refusal)
        self._tags.set(request["ResourceArn"], request["Tags"])
        return {"Tags": self._tags.listed(request["ResourceArn"])}

    @operation(accepts={"ResourceArn", "NextToken", "MaxResults"})
    def list_tags(self, request: Request) -> Response:
        return {"Tags": self._tags.listed(request["ResourceArn"])}

    @operation(accepts={"ResourceArn", "TagKeys"})
    def delete_tags(self, request: Request) -> Response:
        self._tags.remove(request["ResourceArn"], request["TagKeys"])
        return {}
