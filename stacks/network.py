"""The network: one VPC an environment, without a way to the internet."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Acknowledgment, Environment, Validations
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from specs import EnvironmentSpec, Network
from stacks.constructs.shared.isolated_vpc import IsolatedVpc
from stacks.constructs.shared.security_groups import JobSecurityGroup, ModelSecurityGroup
from stacks.constructs.shared.shared_stack import SharedStack
from stacks.constructs.shared.vpc_config import VpcConfig


class NetworkStack(SharedStack):
    """Holds `jobs` and `models`: the subnets and the security group of each.

    A stack of its own, because deleting a VPC fails while a job's network interface lingers. In an existing VPC it
    makes the security groups only.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: EnvironmentSpec) -> None:
        self._zones = list(environment.availability_zones)
        super().__init__(scope, id_, env=Environment(account=environment.account, region=environment.region))
        if environment.network.cidr is not None:
            self._in_own_vpc(environment, environment.network.cidr)
        else:
            self._in_existing_vpc(environment.network)

    def _in_own_vpc(self, environment: EnvironmentSpec, cidr: str) -> None:
        vpc = IsolatedVpc(self, "Vpc", environment=environment, cidr=cidr)
        groups = self._groups(vpc, vpc.subnet_ids, _services(environment.network, vpc.services))
        if vpc.services is not None:
            vpc.services.answer(groups)
        self._acknowledge_named_zones()
        self.export(vpc.subnet_ids)

    def _in_existing_vpc(self, network: Network) -> None:
        """Only the groups: the VPC is not looked up at synth. docs/network.md says what it must offer."""
        vpc = ec2.Vpc.from_vpc_attributes(self, "Vpc", vpc_id=str(network.vpc_id), availability_zones=self._zones)
        services = network.service_security_group
        group = ec2.SecurityGroup.from_security_group_id(self, "Services", services) if services else None
        self._groups(vpc, network.subnet_ids or (), _services(network, group))

    def _groups(
        self, vpc: ec2.IVpc, subnet_ids: tuple[str, ...], services: Sequence[ec2.IPeer]
    ) -> tuple[ec2.SecurityGroup, ec2.SecurityGroup]:
        """Make and export the groups of jobs and of models."""
        jobs = JobSecurityGroup(self, "Jobs", vpc=vpc, services=services)
        models = ModelSecurityGroup(self, "Models", vpc=vpc, services=services)
        self.jobs = VpcConfig(subnet_ids, jobs.security_group_id)
        self.models = VpcConfig(subnet_ids, models.security_group_id)
        self.export([jobs.security_group_id, models.security_group_id])
        return jobs, models

    def _acknowledge_named_zones(self) -> None:
        """Once for the CDK's own validator, once for cfn-lint, which reads the template."""
        reason = "An environment names its zones: synth would have to look them up, and would not be pure"
        Validations.of(self).acknowledge(Acknowledgment(id="CloudFormation-Validate::W3010", reason=reason))
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3010"]}}}

    @property
    def availability_zones(self) -> list[str]:
        """The declared zones: the CDK would look them up in the account, and synth would not be pure."""
        return self._zones


def _services(network: Network, group: ec2.ISecurityGroup | None) -> list[ec2.IPeer]:
    """The peers of jobs and models: any address, or S3's and the interface endpoints only.

    Any is safe where no route leads to the internet; the id of S3's list differs by region, and synth looks nothing up.
    """
    if network.s3_prefix_list is None:
        return [ec2.Peer.any_ipv4()]
    s3 = ec2.Peer.prefix_list(network.s3_prefix_list)
    return [s3] if group is None else [s3, group]
