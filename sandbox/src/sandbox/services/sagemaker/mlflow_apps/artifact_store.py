"""The artifact store of an app: a place in a bucket, and the permissions that the app's role needs.

Source: Developer Guide, "Set up IAM permissions for MLflow Apps" (it grants s3:Get*, s3:Put* and s3:List*; what of
them an app uses is what MLflow's own S3 store calls).
"""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.permissions import Permission
from sandbox.machines.containers.s3_transfer import S3Location


def existing(host: Host, uri: str) -> S3Location:
    """Raises ValidationException unless the URI names a bucket of this account."""
    if not uri.startswith("s3://"):
        raise ValidationException(f"ArtifactStoreUri {uri} is no S3 URI: s3://BUCKET/PREFIX")
    store = S3Location.parse(uri)
    try:
        host.client("s3").head_bucket(Bucket=store.bucket)
    except ClientError as error:
        raise ValidationException(f"The bucket of ArtifactStoreUri {uri} does not exist.") from error
    return store


def permissions(store: S3Location) -> Iterator[Permission]:
    """The permissions of the role, demanded at creation: a server without them fails late."""
    prefix = store.key.rstrip("/")
    bucket = f"arn:aws:s3:::{store.bucket}"
    yield Permission("s3:ListBucket", bucket, {"s3:prefix": f"{prefix}/" if prefix else ""})
    for action in ("GetObject", "PutObject"):
        yield Permission(f"s3:{action}", f"{bucket}/{prefix}/artifact" if prefix else f"{bucket}/artifact")
