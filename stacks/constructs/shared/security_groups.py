"""The security groups of an environment: of its jobs, of its models, and of its interface endpoints.

Sources: Amazon SageMaker AI, "Give SageMaker AI Training Jobs Access to Resources in Your Amazon VPC", "Give SageMaker
AI Hosted Endpoints Access to Resources in Your Amazon VPC", and "Protect Communications Between ML Compute Instances in
a Distributed Training Job".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

HTTPS = ec2.Port.tcp(443)
HOSTS = (
    (ec2.Port.all_tcp(), "The hosts of a distributed job"),
    (ec2.Port.udp(500), "The keys of encrypted traffic between hosts"),
    (ec2.Port(protocol=ec2.Protocol.ESP, string_representation="ESP"), "Encrypted traffic between hosts"),
)
"""The traffic within a distributed job: gRPC on one port, NCCL on any, and IPsec around them."""


class JobSecurityGroup(ec2.SecurityGroup):
    """HTTPS out, and what the hosts of a distributed job say to one another."""

    def __init__(self, scope: Construct, id_: str, *, vpc: ec2.IVpc, services: Sequence[ec2.IPeer]) -> None:
        super().__init__(scope, id_, vpc=vpc, description="Jobs of all models", allow_all_outbound=False)
        _reach(self, services)
        for port, words in HOSTS:
            self.add_ingress_rule(self, port, words)
            self.add_egress_rule(self, port, words)


class ModelSecurityGroup(ec2.SecurityGroup):
    """HTTPS out alone: an endpoint is invoked through SageMaker, never through the VPC."""

    def __init__(self, scope: Construct, id_: str, *, vpc: ec2.IVpc, services: Sequence[ec2.IPeer]) -> None:
        super().__init__(scope, id_, vpc=vpc, description="Models behind endpoints", allow_all_outbound=False)
        _reach(self, services)


class ServiceSecurityGroup(ec2.SecurityGroup):
    """Interface endpoints, which answer the groups that they are told of."""

    def __init__(self, scope: Construct, id_: str, *, vpc: ec2.IVpc) -> None:
        super().__init__(scope, id_, vpc=vpc, description="Interface endpoints", allow_all_outbound=False)

    def answer(self, clients: Iterable[ec2.ISecurityGroup]) -> None:
        for client in clients:
            self.add_ingress_rule(client, HTTPS, "HTTPS from jobs and models")


def _reach(group: ec2.SecurityGroup, services: Sequence[ec2.IPeer]) -> None:
    for service in services:
        group.add_egress_rule(service, HTTPS, "HTTPS to the VPC endpoints")
