"""Permissions that SageMaker uses in the name of an execution role around a container.

The sandbox does not make these calls, so a role without the permissions would fail on AWS only. They are demanded
when the resource is created: each function yields permissions, and `require_permissions` asks for them.
Source: Amazon SageMaker AI Developer Guide, "How to use SageMaker AI execution roles" (the sections on
CreateTrainingJob, CreateProcessingJob and CreateModel).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.permissions import Credentials, NotAuthorized, Permission
from sandbox.services.sagemaker.base.image_paths import repository

_DESCRIBED = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")


def require_permissions(host: Host, credentials: Credentials, *groups: Iterable[Permission]) -> None:
    """Raise ValidationException with IAM's sentence for the first permission that the role lacks."""
    for permissions in groups:
        try:
            host.demand(credentials, *permissions)
        except NotAuthorized as missing:
            raise ValidationException(f"The execution role lacks a permission. {missing}") from missing


def network(host: Host, vpc_config: Mapping[str, Any] | None) -> Iterator[Permission]:
    """Interfaces in the subnets of a VpcConfig."""
    if not vpc_config:
        return
    interfaces = host.arn("ec2", "network-interface/*")
    places = [host.arn("ec2", f"subnet/{id_}") for id_ in vpc_config["Subnets"]]
    groups = [host.arn("ec2", f"security-group/{id_}") for id_ in vpc_config["SecurityGroupIds"]]
    for place in (interfaces, *places, *groups):
        yield Permission("ec2:CreateNetworkInterface", place)
    for action in ("CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission"):
        yield Permission(f"ec2:{action}", interfaces)
    yield from (Permission(f"ec2:Describe{noun}") for noun in _DESCRIBED)


def image(path: str) -> Iterator[Permission]:
    """The pull of an image from Amazon ECR. SageMaker refuses other registries by itself."""
    found = repository(path)
    if found is None:
        return
    yield Permission("ecr:GetAuthorizationToken")
    for action in ("BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage"):
        yield Permission(f"ecr:{action}", found.arn)


def logs(host: Host, group: str, stream: str) -> Iterator[Permission]:
    """The container's output: a stream in a group that SageMaker creates if need be."""
    of_group = host.arn("logs", f"log-group:{group}")
    yield Permission("logs:CreateLogGroup", f"{of_group}:log-stream:")
    yield Permission("logs:DescribeLogStreams", f"{of_group}:log-stream:")
    yield Permission("logs:CreateLogStream", f"{of_group}:log-stream:{stream}")
    yield Permission("logs:PutLogEvents", f"{of_group}:log-stream:{stream}")


def metrics(namespace: str) -> Iterator[Permission]:
    yield Permission("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": namespace})


def alarms(host: Host, names: Iterable[str]) -> Iterator[Permission]:
    """The alarms that roll an endpoint's update back.

    Source: AWS, "Auto-Rollback Configuration and Monitoring" ("Ensure that your IAM execution role ...").
    """
    yield from (Permission("cloudwatch:DescribeAlarms", host.arn("cloudwatch", f"alarm:{name}")) for name in names)


def volumes(host: Host, key_id: str | None) -> Iterator[Permission]:
    """A key that encrypts the storage volume: SageMaker grants its use to the instance's volume."""
    if key_id:
        yield Permission("kms:CreateGrant", key_arn(host, key_id), {"kms:GrantIsForAWSResource": "true"})


def output(host: Host, key_id: str | None) -> Iterator[Permission]:
    """A key that encrypts the results. S3 asks for kms:GenerateDataKey besides, when they are written."""
    if key_id:
        yield Permission("kms:Encrypt", key_arn(host, key_id))


def key_arn(host: Host, key_id: str) -> str:
    """The ARN of a key by its id, ARN or alias. Raises ClientError if it does not exist."""
    return host.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
