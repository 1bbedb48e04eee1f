"""Jobs of several hosts: their security groups have to let them reach one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from job_lab import SEVERAL_INSTANCES, Lab, unique

pytestmark = SEVERAL_INSTANCES
TWO = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
Rules = list[dict[str, Any]]


def itself(protocol: str, group: str, **ports: int) -> dict[str, Any]:
    return {"IpProtocol": protocol, "UserIdGroupPairs": [{"GroupId": group}], **ports}


def ranges(protocol: str, cidr: str, **ports: int) -> dict[str, Any]:
    return {"IpProtocol": protocol, "IpRanges": [{"CidrIp": cidr}], **ports}


TCP = {"FromPort": 0, "ToPort": 65535}
IKE = {"FromPort": 500, "ToPort": 500}


@pytest.fixture(scope="module")
def place(lab: Lab) -> tuple[str, str]:
    """A VPC of 10.0.0.0/16, and its one subnet."""
    ec2 = lab.aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return vpc, ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]


@pytest.fixture
def network(lab: Lab, place: tuple[str, str]) -> Callable[..., dict[str, Any]]:
    """A VpcConfig with a new group of these rules, made with the group's id: network(inbound, outbound)."""

    def make(inbound: Callable[[str], Rules], outbound: Callable[[str], Rules]) -> dict[str, Any]:
        ec2, (vpc, subnet) = lab.aws("ec2"), place
        group = ec2.create_security_group(GroupName=unique("jobs"), Description="jobs", VpcId=vpc)["GroupId"]
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[ranges("-1", "0.0.0.0/0")])
        if rules := inbound(group):
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
        if rules := outbound(group):
            ec2.authorize_security_group_egress(GroupId=group, IpPermissions=rules)
        return {"Subnets": [subnet], "SecurityGroupIds": [group]}

    return make


def nothing(group: str) -> Rules:
    return []


def tcp(group: str) -> Rules:
    return [itself("tcp", group, **TCP)]


def encrypted(group: str) -> Rules:
    return [*tcp(group), itself("udp", group, **IKE), itself("50", group)]


APART = {
    "no rule": (nothing, nothing, "no inbound TCP, no outbound TCP between"),
    "outbound alone": (nothing, tcp, "no inbound TCP between"),
    "inbound alone": (tcp, nothing, "no outbound TCP between"),
    "another protocol": (lambda group: [itself("udp", group, **TCP)], tcp, "no inbound TCP between"),
    "another range": (lambda _: [ranges("tcp", "10.0.1.0/24", **TCP)], tcp, "no inbound TCP between"),
}


@pytest.mark.parametrize(("inbound", "outbound", "sentence"), APART.values(), ids=APART)
def test_hosts_that_are_kept_apart_fail_the_job(
    lab: Lab, network: Any, inbound: Any, outbound: Any, sentence: str
) -> None:
    vpc = network(inbound, outbound)
    job = lab.train("", ResourceConfig=TWO, VpcConfig=vpc)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: The hosts of this job cannot reach one another")
    assert f"{vpc['SecurityGroupIds'][0]} allow {sentence}" in job["FailureReason"]


TOGETHER = {
    "the group itself": (tcp, tcp),
    "every protocol": (lambda group: [itself("-1", group)], lambda _: [ranges("-1", "0.0.0.0/0")]),
    "the range of the VPC": (lambda _: [ranges("tcp", "10.0.0.0/16", **TCP)], tcp),
}


@pytest.mark.parametrize(("inbound", "outbound"), TOGETHER.values(), ids=TOGETHER)
def test_hosts_that_reach_one_another_train(lab: Lab, network: Any, inbound: Any, outbound: Any) -> None:
    job = lab.train("", ResourceConfig=TWO, VpcConfig=network(inbound, outbound))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def test_one_host_needs_no_rule(lab: Lab, network: Any) -> None:
    job = lab.train("", VpcConfig=network(nothing, nothing), EnableInterContainerTrafficEncryption=True)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def test_encrypted_traffic_needs_its_own_rules(lab: Lab, network: Any) -> None:
    job = lab.train(
        "", ResourceConfig=TWO, VpcConfig=network(tcp, encrypted), EnableInterContainerTrafficEncryption=True
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert "allow no inbound UDP on port 500, no inbound IP protocol 50 (ESP) between" in job["FailureReason"]
    vpc = network(encrypted, encrypted)
    job = lab.train("", ResourceConfig=TWO, VpcConfig=vpc, EnableInterContainerTrafficEncryption=True)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["EnableInterContainerTrafficEncryption"] is True


def test_processing_jobs_are_held_to_it_too(lab: Lab, network: Any) -> None:
    job = lab.processing("", NetworkConfig={"VpcConfig": network(tcp, nothing)})
    job["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 2
    lab.sagemaker.create_processing_job(**job)
    ended = lab.processed(job["ProcessingJobName"])
    assert ended["ProcessingJobStatus"] == "Failed"
    assert "no outbound TCP between" in ended["FailureReason"]
