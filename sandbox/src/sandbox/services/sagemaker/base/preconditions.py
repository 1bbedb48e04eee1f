"""Roles, keys, networks and objects that a job or a model needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.permissions import CannotAssume, Credentials
from sandbox.machines.containers.s3_transfer import S3Location
from sandbox.services.sagemaker.base.identity import PRINCIPAL


def assume_role(host: Host, role_arn: str, session_name: str, source: str, subnets: Sequence[str] = ()) -> Credentials:
    """Credentials of an execution role. Raises ValidationException if SageMaker may not assume it."""
    try:
        return host.assume(role_arn, session_name, PRINCIPAL, source=source, subnets=subnets)
    except CannotAssume as error:
        raise ValidationException(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        ) from error


def require_objects(host: Host, uri: str, role_arn: str, credentials: Credentials) -> None:
    """Raise ValidationException unless the role may list an object that starts with the URI."""
    location = S3Location.parse(uri)
    reason = ""
    try:
        s3 = host.client("s3", credentials)
        if s3.list_objects_v2(Bucket=location.bucket, Prefix=location.key, MaxKeys=1).get("KeyCount"):
            return
    except ClientError as error:
        reason = f" Error message from S3: {error.response['Error']['Message']}"
    raise ValidationException(
        f'No S3 objects found under S3 URL "{location}" given in input data source. Please ensure that the bucket '
        f"exists in the selected region ({host.region}), that objects exist under that S3 prefix, and that the role "
        f'"{role_arn}" has "s3:ListBucket" permissions on bucket "{location.bucket}".{reason}'
    )


def require_keys(host: Host, *key_ids: str | None) -> None:
    """Raise ValidationException for a missing KMS key, by its id, ARN or alias. None is passed over."""
    for key_id in filter(None, key_ids):
        try:
            host.client("kms").describe_key(KeyId=key_id)
        except ClientError as error:
            message = error.response["Error"]["Message"]
            raise ValidationException(f"KMS key '{key_id}' cannot be used: {message}") from error


def require_vpc(host: Host, vpc_config: dict[str, Any] | None) -> None:
    """Raise ValidationException unless a VpcConfig's subnets and security groups exist in one VPC."""
    if vpc_config is None:
        return
    ec2 = host.client("ec2")
    try:
        subnets = ec2.describe_subnets(SubnetIds=vpc_config["Subnets"])["Subnets"]
        groups = ec2.describe_security_groups(GroupIds=vpc_config["SecurityGroupIds"])["SecurityGroups"]
    except ClientError as error:
        raise ValidationException(error.response["Error"]["Message"]) from error
    missing = set(vpc_config["Subnets"]) - {subnet["SubnetId"] for subnet in subnets}
    missing |= set(vpc_config["SecurityGroupIds"]) - {group["GroupId"] for group in groups}
    if missing:
        raise ValidationException(f"VpcConfig names what does not exist: {', '.join(sorted(missing))}")
    vpcs = {found["VpcId"] for found in [*subnets, *groups]}
    if len(vpcs) > 1:
        raise ValidationException(f"Subnets and security groups must be in one VPC, not in {', '.join(sorted(vpcs))}")
