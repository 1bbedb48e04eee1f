"""Permissions to run a container in a VPC, the same for jobs and endpoints.

Source: Amazon SageMaker, "How to use SageMaker AI execution roles".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from stacks.constructs.containers.images import Image
from stacks.constructs.security.acknowledge import acknowledge
from stacks.constructs.shared.vpc_config import VpcConfig


def grant_container_access(
    role: iam.Role,
    *,
    vpc: VpcConfig,
    images: Iterable[Image],
    log_groups: Sequence[str],
    metric_namespaces: Sequence[str],
) -> None:
    """Images, network interfaces, log streams and metrics.

    `log_groups` are names such as `/aws/sagemaker/TrainingJobs`; SageMaker creates them.
    """
    for statement in [
        *_pull(images),
        *_network_interfaces(role, vpc),
        *_logs(role, log_groups),
        _metrics(metric_namespaces),
    ]:
        role.add_to_policy(statement)
    _acknowledge(role, log_groups)


def _pull(images: Iterable[Image]) -> list[iam.PolicyStatement]:
    repositories = sorted({image.repository_arn for image in images})
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    return [
        iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
        iam.PolicyStatement(actions=pull, resources=repositories),
    ]


def _network_interfaces(role: iam.Role, vpc: VpcConfig) -> list[iam.PolicyStatement]:
    stack = Stack.of(role)
    interfaces = stack.format_arn(service="ec2", resource="network-interface", resource_name="*")
    subnets = [stack.format_arn(service="ec2", resource="subnet", resource_name=id_) for id_ in vpc.subnet_ids]
    group = stack.format_arn(service="ec2", resource="security-group", resource_name=vpc.security_group_id)
    describe = ["DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"]
    return [
        iam.PolicyStatement(actions=["ec2:CreateNetworkInterface"], resources=[interfaces, group, *subnets]),
        iam.PolicyStatement(
            actions=[
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            resources=[interfaces],
        ),
        iam.PolicyStatement(actions=[f"ec2:Describe{noun}" for noun in describe], resources=["*"]),
    ]


def _logs(role: iam.Role, log_groups: Sequence[str]) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[_log_group_arn(role, name) for name in log_groups],
        )
    ]


def _log_group_arn(role: iam.Role, name: str) -> str:
    stack = Stack.of(role)
    return f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:{name}:*"


def _metrics(namespaces: Sequence[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringEquals": {"cloudwatch:namespace": list(namespaces)}},
    )


def _acknowledge(role: iam.Role, log_groups: Sequence[str]) -> None:
    stack = Stack.of(role)
    acknowledge(
        role,
        "Neither describing networks, nor an ECR token, nor metrics can be limited to a resource; "
        "metrics are limited to their namespace",
        "IAM5[Resource::*]",
    )
    acknowledge(
        role,
        "SageMaker chooses the id of the interface; in which subnets and security group it may be made is exact",
        f"IAM5[Resource::arn:aws:ec2:{stack.region}:{stack.account}:network-interface/*]",
    )
    acknowledge(
        role,
        "SageMaker chooses the names of log streams; the groups are exact",
        *(f"IAM5[Resource::{_log_group_arn(role, name)}]" for name in log_groups),
    )
