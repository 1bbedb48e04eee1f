"""The network: one VPC an environment, without a way to the internet."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Environment, Validations
from constructs import Construct

from specs import EnvironmentSpec
from stacks.constructs.shared.isolated_vpc import IsolatedVpc
from stacks.constructs.shared.security_groups import JobSecurityGroup, ModelSecurityGroup
from stacks.constructs.shared.shared_stack import SharedStack
from stacks.constructs.shared.vpc_config import VpcConfig


class NetworkStack(SharedStack):
    """Holds `jobs` and `models`: the subnets and the security group of each.

    A stack of its own, because deleting a VPC fails while a job's network interface lingers.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: EnvironmentSpec) -> None:
        self._zones = list(environment.availability_zones)
        super().__init__(scope, id_, env=Environment(account=environment.account, region=environment.region))
        vpc = IsolatedVpc(self, "Vpc", environment=environment)
        jobs, models = JobSecurityGroup(self, "Jobs", vpc=vpc), ModelSecurityGroup(self, "Models", vpc=vpc)
        vpc.reach(environment.network.interface_endpoints, clients=[jobs, models])
        subnet_ids = tuple(subnet.subnet_id for subnet in vpc.subnets)
        self.jobs = VpcConfig(subnet_ids, jobs.security_group_id)
        self.models = VpcConfig(subnet_ids, models.security_group_id)
        self._acknowledge_named_zones()
        self.export([jobs.security_group_id, models.security_group_id, *subnet_ids])

    def _acknowledge_named_zones(self) -> None:
        """Once for the CDK's own validator, once for cfn-lint, which reads the template."""
        reason = "An environment names its zones: synth would have to look them up, and would not be pure"
        Validations.of(self).acknowledge(Acknowledgment(id="CloudFormation-Validate::W3010", reason=reason))
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3010"]}}}

    @property
    def availability_zones(self) -> list[str]:
        """The declared zones: the CDK would look them up in the account, and synth would not be pure."""
        return self._zones
