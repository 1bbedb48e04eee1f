"""Where an app keeps its artifacts: a place in a bucket that exists, and what the app's role needs there.

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
    """Demanded when the app is made: its server would fail only when somebody opens a file."""
    prefix = store.key.rstrip("/")
    bucket = f"arn:aws:s3:::{store.bucket}"
    yield Permission("s3:ListBucket", bucket, {"s3:prefix": f"{prefix}/" if prefix else ""})
    for action in ("GetObject", "PutObject"):
        yield Permission(f"s3:{action}", f"{bucket}/{prefix}/artifact" if prefix else f"{bucket}/artifact")
