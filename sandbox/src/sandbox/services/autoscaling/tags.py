"""Tags of scalable targets."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from sandbox.frame.operations import Request, Response, operation
from sandbox.services.autoscaling.identity import ResourceNotFound


class Tags:
    """Keys and values by ARN, for ARNs that exist."""

    kept = ("_tags",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tags: dict[str, dict[str, str]] = {}

    def set(self, arn: str, tags: dict[str, str]) -> None:
        """Add tags; the ARN exists from now on."""
        with self._lock:
            self._tags.setdefault(arn, {}).update(tags)

    def drop(self, arn: str) -> None:
        """Forget what is deregistered."""
        with self._lock:
            self._tags.pop(arn, None)

    def everything(self) -> Iterator[tuple[str, list[dict[str, str]]]]:
        """Every tagged resource: (ARN, tags)."""
        with self._lock:
            tagged = [(arn, dict(tags)) for arn, tags in self._tags.items() if tags]
        for arn, tags in tagged:
            yield arn, [{"Key": key, "Value": value} for key, value in tags.items()]

    @operation(accepts={"ResourceARN", "Tags"})
    def tag_resource(self, request: Request) -> Response:
        self._of(request["ResourceARN"])
        self.set(request["ResourceARN"], request["Tags"])
        return {}

    @operation(accepts={"ResourceARN", "TagKeys"})
    def untag_resource(self, request: Request) -> Response:
        tags = self._of(request["ResourceARN"])
        with self._lock:
            for key in request["TagKeys"]:
                tags.pop(key, None)
        return {}

    @operation(accepts={"ResourceARN"})
    def list_tags_for_resource(self, request: Request) -> Response:
        return {"Tags": dict(self._of(request["ResourceARN"]))}

    def _of(self, arn: str) -> dict[str, str]:
        with self._lock:
            if arn not in self._tags:
                raise ResourceNotFound(f"No scalable target has the ARN {arn}")
            return self._tags[arn]
