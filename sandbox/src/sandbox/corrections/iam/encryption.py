"""Permissions on KMS keys for encrypted objects, and the encryption context of their use.

Sources: Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys", "Uploading and copying objects using
multipart upload: API support and permissions", "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys".
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from typing import Any

from ministack.core.responses import get_region
from ministack.services import kms, s3

from sandbox.frame.permissions import Permission

NAMES = {
    "ministack.services.s3": "_buckets _bucket_encryption _bucket_default_sse_headers",
    "ministack.services.kms": "_resolve_key",
}
OVERRIDES = {
    "S3: objects under a KMS key": "GetObject demands kms:Decrypt, PutObject kms:GenerateDataKey, a multipart upload "
    "both, of the caller and on the key's policy, with kms:ViaService and the encryption context",
    "KMS: the encryption context": "of a call to KMS itself, as condition keys",
}
ACTIONS = frozenset({"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"})

_ALGORITHM = "x-amz-server-side-encryption"
_KEY = _ALGORITHM + "-aws-kms-key-id"
_COPY_SOURCE = "x-amz-copy-source"


def context_keys(parameters: dict[str, Any]) -> dict[str, Any]:
    """The condition keys of a call to KMS itself that names an encryption context.

    Source: AWS KMS Developer Guide, "AWS KMS condition keys" (kms:EncryptionContext:context-key).
    """
    context = parameters.get("EncryptionContext")
    if not isinstance(context, dict) or not context:
        return {}
    keys = {f"kms:EncryptionContext:{name}".lower(): value for name, value in context.items()}
    return {**keys, "kms:encryptioncontextkeys": list(context)}


def demands(action: str, resource: str, headers: dict[str, str], query: dict[str, Any]) -> Iterator[Permission]:
    """The permissions on the object's key, if any. The AWS managed key (aws/s3) admits its account's callers."""
    bucket, _, key = resource.rpartition(":::")[2].partition("/")
    if action != "s3:PutObject":
        yield from _on_key("Decrypt", _stored(bucket, key, query), bucket, key)
        return
    if "uploadId" in query:  # a part: checked when the upload started
        return
    wanted = headers if headers.get(_ALGORITHM) else s3._bucket_default_sse_headers(bucket)
    yield from _on_key("GenerateDataKey", wanted, bucket, key)
    if "uploads" in query:
        yield from _on_key("Decrypt", wanted, bucket, key)
    if source := headers.get(_COPY_SOURCE):
        copied_bucket, _, copied = urllib.parse.unquote(source).partition("?")[0].lstrip("/").partition("/")
        yield from _on_key("Decrypt", _stored(copied_bucket, copied, {}), copied_bucket, copied)


def _stored(bucket: str, key: str, query: dict[str, Any]) -> dict[str, str]:
    """The stored headers on an object's encryption."""
    objects = (s3._buckets.get(bucket) or {}).get("objects", {})
    return (objects.get(key) or {}).get("preserved_headers", {})


def _on_key(operation: str, encryption: dict[str, str], bucket: str, key: str) -> Iterator[Permission]:
    if encryption.get(_ALGORITHM) != "aws:kms" or not (key_id := encryption.get(_KEY)):
        return
    found = kms._resolve_key(key_id)
    if found is None or found.get("KeyManager") == "AWS":
        return
    context = {
        "kms:ViaService": f"s3.{get_region()}.amazonaws.com",
        "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}" + ("" if _has_bucket_key(bucket) else f"/{key}"),
        "kms:EncryptionContextKeys": ["aws:s3:arn"],
    }
    yield Permission(f"kms:{operation}", found["Arn"], context)


def _has_bucket_key(bucket: str) -> bool:
    return "<BucketKeyEnabled>true" in (s3._bucket_encryption.get(bucket) or "")
