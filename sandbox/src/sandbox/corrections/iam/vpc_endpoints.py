"""Policies of VPC endpoints: jobs and model servers in a VPC reach S3 through one.

Sources: Amazon VPC User Guide, "Control access to VPC endpoints using endpoint policies" (the principal of a gateway
endpoint's policy is `*`) and "Gateway endpoints"; AWS, "Give SageMaker AI Training Jobs Access to Resources in Your
Amazon VPC"; IAM User Guide, "Troubleshoot access denied error messages".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import ParsedStatement
from ministack.services import ec2

from sandbox.corrections.iam.evaluation import Limit

NAMES = {
    "ministack.core.iam_evaluator": "_session_policy_limits parse_policy_document",
    "ministack.services.ec2": "_route_tables _subnets _vpc_endpoints",
}
OVERRIDES = {
    "IAM: VPC endpoint policies": "the S3 calls of jobs and model servers with a VpcConfig are limited by the policy "
    "of the gateway endpoint that their subnets' route tables name; ministack evaluates none"
}

SUBNETS = "Subnets"
"""The member of a session that names the subnets from which its calls come."""
_ELSEWHERE = {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}
"""An S3 endpoint carries the calls of S3 only."""


def install() -> None:
    """Add the endpoints' policies to the limits of sessions in a VPC."""
    former = iam_evaluator._session_policy_limits

    def limits(session: dict, account: str) -> list[list[list[ParsedStatement]]]:
        return [*former(session, account), *_limits(session.get(SUBNETS, ()))]

    iam_evaluator._session_policy_limits = limits


def _limits(subnets: Sequence[str]) -> Iterator[Limit]:
    """One limit for each S3 gateway endpoint that has a policy. AWS's default policy limits nothing."""
    tables = {_route_table(subnet) for subnet in subnets}
    for endpoint in list(ec2._vpc_endpoints.values()):
        if endpoint["ServiceName"].endswith(".s3") and tables & set(endpoint.get("RouteTableIds", [])):
            policy = endpoint.get("PolicyDocument")
            if policy:
                documents = (policy, {"Statement": [_ELSEWHERE]})
                yield Limit("a VPC endpoint policy", [iam_evaluator.parse_policy_document(each) for each in documents])


def _route_table(subnet: str) -> str:
    """The route table of a subnet: the associated one, else its VPC's main one."""
    tables = list(ec2._route_tables.values())
    for table in tables:
        if any(found.get("SubnetId") == subnet for found in table["Associations"]):
            return table["RouteTableId"]
    vpc = ec2._subnets.get(subnet, {}).get("VpcId")
    own = (table for table in tables if table["VpcId"] == vpc and any(a.get("Main") for a in table["Associations"]))
    return next((table["RouteTableId"] for table in own), "")
