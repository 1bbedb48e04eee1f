"""Bucket properties that ministack's handler drops, put through the S3 API."""

from __future__ import annotations

import functools
from typing import Any
from xml.etree import ElementTree

import botocore.serialize
import botocore.session
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

from sandbox.corrections.templates.bucket_requests import bucket_requests

NAMES = {
    "ministack.services.s3": (
        "_put_bucket_encryption _delete_bucket_encryption _put_bucket_lifecycle _delete_bucket_lifecycle "
        "_put_bucket_logging _put_bucket_ownership_controls _delete_bucket_ownership_controls _put_bucket_versioning "
        "_put_bucket_tagging _delete_bucket_tagging _put_bucket_acl _resolve_sse_write_headers"
    ),
}
OVERRIDES = {
    "AWS::S3::Bucket": (
        "ministack drops BucketEncryption, LifecycleConfiguration, LoggingConfiguration, OwnershipControls, "
        "AccessControl, Tags and a suspended version control; they are put through the S3 API"
    ),
    "S3: aws:kms without a key": "ministack refuses it; AWS takes the account's own key, aws/s3",
}
_PRIVATE = "Private"
_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"

_SERVED = {
    "PutBucketEncryption": s3._put_bucket_encryption,
    "PutBucketLifecycleConfiguration": s3._put_bucket_lifecycle,
    "PutBucketLogging": s3._put_bucket_logging,
    "PutBucketOwnershipControls": s3._put_bucket_ownership_controls,
    "PutBucketVersioning": s3._put_bucket_versioning,
    "PutBucketTagging": s3._put_bucket_tagging,
}
_REMOVED = {
    "DeleteBucketEncryption": s3._delete_bucket_encryption,
    "DeleteBucketLifecycle": s3._delete_bucket_lifecycle,
    "DeleteBucketOwnershipControls": s3._delete_bucket_ownership_controls,
    "DeleteBucketTagging": s3._delete_bucket_tagging,
}


def encrypt_with_the_managed_key() -> None:
    """Use the AWS managed key for `aws:kms` without a key.

    Source: "Using server-side encryption with AWS KMS keys".
    """
    former = s3._resolve_sse_write_headers

    def resolve(headers: dict, bucket_name: str) -> tuple:
        if headers.get("x-amz-server-side-encryption") == "aws:kms" and not headers.get(_KEY_HEADER):
            headers = {**headers, _KEY_HEADER: f"arn:aws:kms:{get_region()}:{get_account_id()}:alias/aws/s3"}
        return former(headers, bucket_name)

    s3._resolve_sse_write_headers = resolve


def apply_bucket(name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Put the bucket properties that ministack drops. Raises ValueError with S3's message."""
    for operation, parameters in bucket_requests(old, new):
        if operation in _REMOVED:
            response = _REMOVED[operation](name)
        else:
            response = _SERVED[operation](name, _body(operation, {"Bucket": name, **_to_itself(parameters, name)}))
        _check(operation, response)
    before, after = (properties.get("AccessControl", _PRIVATE) for properties in (old, new))
    if after != before:  # requesting a private one is an error while access control lists are off, the default
        _check("PutBucketAcl", s3._put_bucket_acl(name, b"", {"x-amz-acl": _canned(after)}))


def _body(operation: str, parameters: dict[str, Any]) -> bytes:
    """A request's body, serialized and validated as by boto3."""
    serializer = botocore.serialize.create_serializer("rest-xml", include_validation=True)
    body = serializer.serialize_to_request(parameters, _s3_model().operation_model(operation))["body"]
    return body if isinstance(body, bytes) else body.encode()


@functools.cache
def _s3_model() -> Any:
    return botocore.session.Session().get_service_model("s3")


def _to_itself(parameters: dict[str, Any], name: str) -> dict[str, Any]:
    """Send access logs to the bucket itself if the template names no destination."""
    enabled = parameters.get("BucketLoggingStatus", {}).get("LoggingEnabled")
    if not enabled or enabled["TargetBucket"]:
        return parameters
    return {"BucketLoggingStatus": {"LoggingEnabled": {**enabled, "TargetBucket": name}}}


def _canned(access_control: str) -> str:
    """ "LogDeliveryWrite" as the API spells it: "log-delivery-write"."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in access_control).lstrip("-")


def _check(operation: str, response: tuple) -> None:
    if response[0] >= 400:
        error = ElementTree.fromstring(response[2])
        raise ValueError(f"{operation}: {error.findtext('Code')}: {error.findtext('Message')}")
