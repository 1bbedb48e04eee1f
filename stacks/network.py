"""The network: one VPC an environment, without a way to the internet."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Environment, Validations
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from specs import EnvironmentSpec
from stacks.constructs.shared.isolated_vpc import IsolatedVpc
from stacks.constructs.shared.shared_stack import SharedStack


class NetworkStack(SharedStack):
    """Holds `subnet_ids` and `security_group` of all jobs and endpoints.

    A stack of its own, because deleting a VPC fails while a job's network interface lingers.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: EnvironmentSpec) -> None:
        self._zones = list(environment.availability_zones)
        super().__init__(scope, id_, env=Environment(account=environment.account, region=environment.region))
        vpc = IsolatedVpc(self, "Vpc", environment=environment)
        self.security_group: ec2.SecurityGroup = vpc.security_group
        self.subnet_ids: list[str] = [subnet.subnet_id for subnet in vpc.isolated_subnets]
        self._acknowledge_named_zones()
        self.export([self.security_group.security_group_id, *self.subnet_ids])

    def _acknowledge_named_zones(self) -> None:
        """Once for the CDK's own validator, once for cfn-lint, which reads the template."""
        reason = "An environment names its zones: synth would have to look them up, and would not be pure"
        Validations.of(self).acknowledge(Acknowledgment(id="CloudFormation-Validate::W3010", reason=reason))
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3010"]}}}

    @property
    def availability_zones(self) -> list[str]:
        """The declared zones: the CDK would look them up in the account, and synth would not be pure."""
        return self._zones

    @property
    def vpc_config(self) -> dict[str, object]:
        """The subnets and security group of jobs and models, as SageMaker's `VpcConfig`."""
        return {"SecurityGroupIds": [self.security_group.security_group_id], "Subnets": self.subnet_ids}
