"""The operations on tags: AddTags, ListTags, DeleteTags.

Source: aws/amazon-sagemaker-feedback #108: a ValidationException where the resource does not exist.
"""

from __future__ import annotations

from sandbox.frame.errors import ValidationException
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.paging import BadToken, position, token
from sandbox.frame.tags import MOST, SYSTEM, Tags

_LIST = "ListTags"


class TagOperations:
    """Tags of every kind of SageMaker's resources, by ARN."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags

    @operation(accepts={"ResourceArn", "Tags"})
    def add_tags(self, request: Request) -> Response:
        arn = self._known(request)
        if refusal := self._tags.too_many(arn, request["Tags"]):
            raise ValidationException(refusal)
        self._tags.set(arn, request["Tags"])
        return {"Tags": [tag for tag in self._tags.listed(arn) if not tag["Key"].startswith(SYSTEM)]}

    @operation(accepts={"ResourceArn", "NextToken", "MaxResults"})
    def list_tags(self, request: Request) -> Response:
        tags = self._tags.listed(self._known(request))
        try:
            start = position(_LIST, request)
        except BadToken as error:
            raise ValidationException(str(error)) from error
        end = start + min(request.get("MaxResults", MOST), MOST)
        more = {"NextToken": token(_LIST, request, end)} if end < len(tags) else {}
        return {"Tags": tags[start:end], **more}

    @operation(accepts={"ResourceArn", "TagKeys"})
    def delete_tags(self, request: Request) -> Response:
        self._tags.remove(self._known(request), request["TagKeys"])
        return {}

    def _known(self, request: Request) -> str:
        """The ARN of a request. Raises ValidationException where no resource has it."""
        if request["ResourceArn"] not in self._tags:
            raise ValidationException(f"Could not find a resource with the ARN {request['ResourceArn']}.")
        return request["ResourceArn"]
