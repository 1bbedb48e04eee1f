"""The container that a model serves: its archive, its image and the role that reads the archive."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import ClientError

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.permissions import CannotAssume, Credentials
from sandbox.machines.containers.s3_transfer import S3Location
from sandbox.services.sagemaker.base.identity import PRINCIPAL


@dataclass(frozen=True)
class ServedContainer:
    """The container of a model, from its own archive or from its model package."""

    model: str
    image: str
    archive: S3Location
    role_arn: str
    environment: dict[str, str]
    subnets: tuple[str, ...] = ()
    """The subnets of the model's VPC, from which its archive is fetched."""
    isolated: bool = False
    """Whether the container has neither network nor credentials."""


def require_readable(host: Host, container: ServedContainer) -> Credentials:
    """The role's credentials. Raises ValidationException unless the role can be assumed and may read the archive."""
    try:
        credentials = host.assume(
            container.role_arn,
            "SageMaker",
            PRINCIPAL,
            source=host.arn("sagemaker", "endpoint/*"),
            subnets=container.subnets,
        )
        s3 = host.client("s3", credentials)
        s3.head_object(Bucket=container.archive.bucket, Key=container.archive.key)
    except (CannotAssume, ClientError) as error:
        raise ValidationException(
            f"Could not access model data at {container.archive}. Please ensure that the role "
            f'"{container.role_arn}" exists and that its trust relationship policy allows the action "sts:AssumeRole" '
            'for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" '
            f"permissions and that the object is located in {host.region}."
        ) from error
    return credentials
