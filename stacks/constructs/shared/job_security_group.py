"""The security group of all jobs and endpoints: every rule of it is here."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class JobSecurityGroup(ec2.SecurityGroup):
    """HTTPS to the VPC's endpoints, and any traffic between the hosts of a distributed job."""

    def __init__(self, scope: Construct, id_: str, *, vpc: ec2.IVpc, cidr: str) -> None:
        super().__init__(scope, id_, vpc=vpc, description="Jobs and endpoints of all models", allow_all_outbound=False)
        self.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "HTTPS to the VPC endpoints")
        self._reach_one_another(cidr)

    def _reach_one_another(self, cidr: str) -> None:
        """The hosts of a distributed job: gRPC on one port, NCCL on any (in the VPC are jobs and endpoints only).

        Source: Amazon SageMaker AI, "Give SageMaker AI Training Jobs Access to Resources in Your Amazon VPC".
        """
        inside, words = ec2.Peer.ipv4(cidr), "The hosts of a distributed job"
        self.add_ingress_rule(inside, ec2.Port.all_tcp(), words)
        self.add_egress_rule(inside, ec2.Port.all_tcp(), words)
