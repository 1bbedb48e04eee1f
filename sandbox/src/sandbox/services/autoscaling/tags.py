"""The operations on tags of scalable targets: TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.tags import Tags, pairs
from sandbox.services.autoscaling.errors import ResourceNotFoundException, TooManyTagsException


class TagOperations:
    """Tags of ARNs that exist."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags

    @operation(accepts={"ResourceARN", "Tags"})
    def tag_resource(self, request: Request) -> Response:
        arn, tags = self._known(request), pairs(request["Tags"])
        if refusal := self._tags.too_many(arn, tags):
            raise TooManyTagsException(refusal)
        self._tags.set(arn, tags)
        return {}

    @operation(accepts={"ResourceARN", "TagKeys"})
    def untag_resource(self, request: Request) -> Response:
        self._tags.remove(self._known(request), request["TagKeys"])
        return {}

    @operation(accepts={"ResourceARN"})
    def list_tags_for_resource(self, request: Request) -> Response:
        return {"Tags": self._tags.of(self._known(request))}

    def _known(self, request: Request) -> str:
        """The ARN of a request. Raises ResourceNotFoundException."""
        if request["ResourceARN"] not in self._tags:
            raise ResourceNotFoundException(f"No scalable target has the ARN {request['ResourceARN']}")
        return request["ResourceARN"]
