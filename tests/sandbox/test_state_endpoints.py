"""Endpoints after a kill -9: what was in service serves again, what was under way ends on the old configuration."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from fleet_lab import FleetLab
from job_lab import unique
from state_lab import OwnSandbox, until


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSandbox]:
    sandbox = OwnSandbox(tmp_path_factory.mktemp("endpoints"))
    sandbox.up()
    yield sandbox
    sandbox.down()


@pytest.fixture(scope="module")
def lab(own: OwnSandbox) -> FleetLab:
    return FleetLab(own.aws, own.home)


def killed(own: OwnSandbox) -> None:
    own.saved()
    own.kill()
    own.up()


def answers(lab: FleetLab, name: str) -> str:
    return lab.invoke(name, {})["answer"]


def in_service(lab: FleetLab, name: str) -> dict[str, Any]:
    found = until(
        lambda: (
            (each := lab.sagemaker.describe_endpoint(EndpointName=name))["EndpointStatus"] in ("InService", "Failed")
            and each
        )
    )
    assert found["EndpointStatus"] == "InService", found["FailureReason"]
    return found


def test_an_endpoint_serves_again_with_what_it_had(own: OwnSandbox, lab: FleetLab) -> None:
    """Its instances, weights and model, though model and configuration are deleted and the package is rejected."""
    name = lab.serving(lab.fleet("kept"))
    lab.resize(name, AllTraffic={"DesiredInstanceCount": 2, "DesiredWeight": 3.0})
    before = lab.settled(name)
    config = before["EndpointConfigName"]
    model = lab.sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0]["ModelName"]
    lab.sagemaker.delete_model(ModelName=model)
    lab.sagemaker.delete_endpoint_config(EndpointConfigName=config)
    servers = lab.processes(name)
    own.saved()
    own.kill()
    assert all(not each.is_running() or each.status() == psutil.STATUS_ZOMBIE for each in servers)
    own.up()
    after = in_service(lab, name)
    for member in ("EndpointArn", "CreationTime", "EndpointConfigName"):
        assert after[member] == before[member]
    (variant,) = after["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (2, 3.0)
    assert answers(lab, name) == "kept"
    assert len(lab.processes(name)) == 2
    assert len(list((own.home / "endpoints" / name).iterdir())) == 2, "the folders of the old servers are gone"
    lab.delete(name)


def test_an_update_and_a_creation_that_were_under_way(own: OwnSandbox, lab: FleetLab) -> None:
    """The update ends on the old configuration and can be asked for again; the creation goes on."""
    name = lab.serving(lab.fleet("old"))
    silent = lab.fleet("new", ping=503)
    lab.update(name, silent)
    created = unique("Endpoint")
    lab.sagemaker.create_endpoint(EndpointName=created, EndpointConfigName=lab.fleet("created", ping=503))
    until(lambda: len(lab.processes(name)) == 2 and lab.processes(created))
    killed(own)
    found = in_service(lab, name)
    assert found["EndpointConfigName"] != silent
    assert found["FailureReason"].startswith("InternalServerError: the update was under way when the sandbox ended")
    assert answers(lab, name) == "old"
    assert lab.sagemaker.describe_endpoint(EndpointName=created)["EndpointStatus"] == "Creating"
    lab.update(name, lab.fleet("newer"))
    until(lambda: answers(lab, name) == "newer")
    lab.delete(name)


def test_what_does_not_come_back_is_failed_and_says_why(own: OwnSandbox, lab: FleetLab) -> None:
    name = lab.serving(lab.fleet("lost"))
    for key in lab.keys("models/"):
        lab.s3.delete_object(Bucket=lab.bucket, Key=key)
    killed(own)
    until(lambda: lab.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Failed")
    reason = lab.sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]
    assert reason.startswith("Failed to download model data"), reason


def test_the_endpoint_of_a_stack_that_was_being_created_is_not_left_behind(own: OwnSandbox, lab: FleetLab) -> None:
    formation, name = own.aws("cloudformation"), unique("stack")
    config = lab.fleet("slow", ping=503)
    endpoint = {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointConfigName": config}}
    formation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"Endpoint": endpoint}}))

    def endpoints() -> list[str]:
        listed = lab.sagemaker.list_endpoints(NameContains=name)["Endpoints"]
        return [each["EndpointName"] for each in listed]

    until(lambda: endpoints() and lab.processes(endpoints()[0]))
    own.saved()
    own.kill()
    shutil.rmtree(own.home / "endpoints")
    (own.home / "stub.py").write_text("raise SystemExit(1)")  # its creation is soon over
    own.up()
    until(lambda: formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE")
    assert endpoints() == []
