"""A VPC that reaches S3 and, where the environment asks, single AWS services; nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from specs import EnvironmentSpec, names
from stacks.constructs.security.acknowledge import acknowledge
from stacks.constructs.shared.security_groups import ServiceSecurityGroup
from stacks.constructs.shared.zone_subnets import zone_subnets

S3_ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucket", "s3:GetBucketLocation"]


class IsolatedVpc(ec2.Vpc):
    """Holds `subnet_ids`, and `services`: the group of its interface endpoints. It reaches S3 free of charge."""

    def __init__(self, scope: Construct, id_: str, *, environment: EnvironmentSpec, cidr: str) -> None:
        super().__init__(
            scope,
            id_,
            ip_addresses=ec2.IpAddresses.cidr(cidr),
            availability_zones=list(environment.availability_zones),
            nat_gateways=0,
            create_internet_gateway=False,
            # The default group is never used; emptying it would take a helper Lambda (docs/network.md).
            restrict_default_security_group=False,
            subnet_configuration=[],
        )
        self._subnets = zone_subnets(self, cidr=cidr, zones=environment.availability_zones)
        self.subnet_ids = tuple(subnet.subnet_id for subnet in self._subnets)
        self._reach_s3()
        self.services = self._reach(environment.network.interface_endpoints)
        acknowledge(
            self,
            "No route leads out of this VPC, and the calls that reach AWS through its endpoints are in CloudTrail; "
            "flow logs would cost more than the network",
            "VPC7",
        )

    def _reach(self, services: Sequence[str]) -> ServiceSecurityGroup | None:
        """Interface endpoints, paid by the hour, and their security group."""
        if not services:
            return None
        group = ServiceSecurityGroup(self, "Endpoints", vpc=self)
        for service in services:
            self.add_interface_endpoint(
                service,
                service=ec2.InterfaceVpcEndpointAwsService(service),
                subnets=ec2.SubnetSelection(subnets=self._subnets),
                security_groups=[group],
                open=False,
            )
        return group

    def _reach_s3(self) -> None:
        """Only buckets of this account (the asset bucket among them): data cannot be carried to a foreign bucket.

        Only checkpoints can be deleted. The buckets are made after this stack, so their names are unknown here; a
        bucket's name has no slash, so the kind of file is the first folder of the key, or a later one.
        """
        endpoint = self.add_gateway_endpoint(
            "S3", service=ec2.GatewayVpcEndpointAwsService.S3, subnets=[ec2.SubnetSelection(subnets=self._subnets)]
        )
        checkpoints = Stack.of(self).format_arn(
            service="s3", region="", account="", resource="*", resource_name=f"{names.CHECKPOINTS}/*"
        )
        for actions, resource in ((S3_ACTIONS, "*"), (["s3:DeleteObject"], checkpoints)):
            endpoint.add_to_policy(
                iam.PolicyStatement(
                    principals=[iam.AnyPrincipal()],
                    actions=actions,
                    resources=[resource],
                    conditions={"StringEquals": {"aws:ResourceAccount": Stack.of(self).account}},
                )
            )
