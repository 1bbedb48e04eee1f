"""Sub-resources of buckets and objects that are not here, refused by name.

Source: Amazon S3 API Reference, "Error responses" (NotImplemented); botocore's model of S3 names the sub-resources.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from ministack.services import s3

NAMES = {"ministack.services.s3": "_dispatch"}
OVERRIDES = {
    "S3: sub-resources": "ministack passes over those that it does not know: DeleteBucketMetricsConfiguration deletes "
    "the bucket, and RenameObject empties the object; they are refused",
}

OF_BUCKETS = frozenset(
    {
        "abac",
        "analytics",
        "intelligent-tiering",
        "inventory",
        "metadataAnnotationTable",
        "metadataConfiguration",
        "metadataInventoryTable",
        "metadataJournalTable",
        "metadataTable",
        "metrics",
        "session",
    }
)
OF_OBJECTS = frozenset({"encryption", "renameObject", "select", "torrent"})


def refuse_unknown_subresources() -> None:
    """Answer 501 to requests on a sub-resource that ministack does not know."""
    dispatch = s3._dispatch

    def dispatch_known(method: str, bucket: str, key: str, *request: Any) -> tuple:
        *_, query = request
        for name in sorted(query.keys() & (OF_OBJECTS if key else OF_BUCKETS)):
            sentence = f"the sandbox does not implement the sub-resource '{name}' ({method} /{bucket}/{key}?{name})"
            error = f"<Error><Code>NotImplemented</Code><Message>{escape(sentence)}</Message></Error>"
            return 501, {"Content-Type": "application/xml"}, f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'.encode()
        return dispatch(method, bucket, key, *request)

    s3._dispatch = dispatch_known
