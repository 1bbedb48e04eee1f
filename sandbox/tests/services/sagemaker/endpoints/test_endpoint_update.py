"""UpdateEndpoint as blue/green: steps, waits, alarms, rollback; no request is ever lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from fleet_lab import IMAGE, FleetLab, Load, Queue, pack
from iam_lab import IamLab, allow, deny
from job_lab import unique
from own_sandbox import OwnSandbox
from waiting import until


@pytest.fixture(scope="module")
def lab(sandbox: OwnSandbox) -> FleetLab:
    return FleetLab(sandbox)


@pytest.fixture
def pair(lab: FleetLab) -> Iterator[str]:
    name = lab.serving(lab.fleet("old", 2))
    yield name
    lab.delete(name)


@pytest.fixture(scope="module")
def steady(lab: FleetLab) -> Iterator[str]:
    """An endpoint that no test changes."""
    name = lab.serving(lab.fleet("old", 2))
    yield name
    lab.delete(name)


def guardrails(
    kind: str, *, alarm: str | None = None, wait: int = 240, bake: int = 60, timeout: int = 7200, **size: Any
) -> dict[str, Any]:
    """A DeploymentConfig; four minutes are a second here (conftest)."""
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **size}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": bake}
    config: dict[str, Any] = {"BlueGreenUpdatePolicy": policy | {"MaximumExecutionTimeoutInSeconds": timeout}}
    if alarm:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": alarm}]}
    return config


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def count(value: int) -> dict[str, Any]:
    return {"Type": "INSTANCE_COUNT", "Value": value}


def errors_alarm(lab: FleetLab, endpoint: str, config: str | None = None) -> str:
    """An alarm on five server errors in a minute, by variant or by configuration."""
    dimensions = {"EndpointName": endpoint, "VariantName": "AllTraffic"}
    dimensions |= {"EndpointConfigName": config} if config else {}
    return lab.errors_alarm(dimensions, "Sum", 5)


def status(lab: FleetLab, endpoint: str) -> str:
    return lab.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"]


def pending(lab: FleetLab, endpoint: str) -> bool:
    return "PendingDeploymentSummary" in lab.sagemaker.describe_endpoint(EndpointName=endpoint)


def test_canary_takes_its_part_then_everything_and_no_request_is_lost(lab: FleetLab, pair: str) -> None:
    new = lab.fleet("new", 2)
    config = guardrails("CANARY", CanarySize=percent(50))
    with Load(lab, pair) as load:
        lab.update(pair, new, DeploymentConfig=config)
        load.wait_for("new")
        shown = lab.sagemaker.describe_endpoint(EndpointName=pair)
        assert shown["EndpointStatus"] == "Updating"
        (pending,) = shown["PendingDeploymentSummary"]["ProductionVariants"]
        assert shown["PendingDeploymentSummary"]["EndpointConfigName"] == new
        assert pending["VariantStatus"][0]["Status"] in ("ActivatingTraffic", "Baking")
        assert len(lab.processes(pair)) == 4, "both fleets are there"
        canary = len(load.answers)
        for refused in (lab.sagemaker.delete_endpoint, lambda **names: lab.update(names["EndpointName"], new)):
            with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
                refused(EndpointName=pair)
        found = lab.settled(pair)
    assert not load.errors
    assert {"old", "new"} == set(load.answers[canary:]), "the old fleet serves beside the canary"
    assert load.answers[-1] == "new"
    assert (found["EndpointConfigName"], found["LastDeploymentConfig"]) == (new, config)
    assert "PendingDeploymentSummary" not in found
    assert len(lab.processes(pair)) == 2


def test_linear_shifts_in_steps_and_each_step_waits(lab: FleetLab, pair: str) -> None:
    lab.resize(pair, AllTraffic={"DesiredInstanceCount": 3})
    lab.settled(pair)
    began = time.monotonic()
    lab.update(
        pair,
        lab.fleet("new", 3),
        DeploymentConfig=guardrails("LINEAR", wait=120, bake=0, LinearStepSize=count(1)),
    )
    assert lab.settled(pair)["ProductionVariants"][0]["CurrentInstanceCount"] == 3
    assert time.monotonic() - began >= 2 * 120 / 240, "three steps have two waits between them"


def test_alarm_of_the_new_fleet_brings_the_old_one_back(lab: FleetLab, pair: str) -> None:
    former, broken = lab.settled(pair)["EndpointConfigName"], lab.fleet("broken", 2, status=500)
    alarm = errors_alarm(lab, pair, broken)
    seen: set[str] = set()
    with Load(lab, pair) as load:
        began = time.monotonic()
        lab.update(pair, broken, DeploymentConfig=guardrails("CANARY", alarm=alarm, wait=3600, CanarySize=percent(50)))
        while (now := status(lab, pair)) != "InService":
            seen.add(now)
        took = time.monotonic() - began
        load.answers.clear()
        load.errors.clear()
        until(lambda: len(load.answers) > 20)
    found = lab.settled(pair)
    assert found["EndpointConfigName"] == former
    assert f"in state ALARM: {alarm}" in found["FailureReason"]
    assert took < 15, "the wait of an hour is 15 seconds here, and the alarm ends it before"
    assert not load.errors
    assert set(load.answers) == {"old"}
    assert len(lab.processes(pair)) == 2
    assert seen <= {"Updating", "RollingBack"}, "the way back may be shorter than one call on a loaded machine"


def test_failing_old_fleet_ends_a_deployment_by_the_alarm_of_both_fleets_only(lab: FleetLab) -> None:
    """Source: AWS, "Auto-Rollback Configuration and Monitoring", the note on monitoring both fleets."""
    broken, cure = lab.fleet("broken", 2, status=500), lab.fleet("new", 2)
    endpoint = lab.serving(broken)
    of_both, of_the_new = errors_alarm(lab, endpoint), errors_alarm(lab, endpoint, cure)
    with Load(lab, endpoint) as load:
        until(lambda: of_both in ringing(lab))
        lab.update(endpoint, cure, DeploymentConfig=guardrails("CANARY", alarm=of_both, CanarySize=percent(50)))
        found = lab.settled(endpoint)
        assert (found["EndpointConfigName"], load.answers) == (broken, [])
        assert f"in state ALARM: {of_both}" in found["FailureReason"]
        lab.update(endpoint, cure, DeploymentConfig=guardrails("CANARY", alarm=of_the_new, CanarySize=percent(50)))
        assert lab.settled(endpoint)["EndpointConfigName"] == cure
        load.errors.clear()
        load.answers.clear()
        until(lambda: len(load.answers) > 20)
    assert not load.errors
    lab.delete(endpoint)


def test_alarms_are_read_by_the_execution_role(sandbox: OwnSandbox, lab: FleetLab, steady: str) -> None:
    """Source: AWS, "Auto-Rollback Configuration and Monitoring", the note on the execution role."""
    blind = IamLab(sandbox).role("sagemaker", allow("*"), deny("cloudwatch:DescribeAlarms"))
    uri = lab.put(f"models/{unique('stub')}.tar.gz", pack(answer="new"))
    model = lab.model(PrimaryContainer={"Image": IMAGE, "ModelDataUrl": uri}, ExecutionRoleArn=blind)
    config = lab.config(model, InitialInstanceCount=2)
    alarm = errors_alarm(lab, steady, config)
    deployment = guardrails("CANARY", alarm=alarm, CanarySize=percent(50))
    said = rf"execution role lacks a permission.*cloudwatch:DescribeAlarms on resource: arn:aws:.*:alarm:{alarm} "
    with pytest.raises(ClientError, match=said):
        lab.update(steady, config, DeploymentConfig=deployment)
    with pytest.raises(ClientError, match=said):
        lab.serving(config, DeploymentConfig=deployment)


def ringing(lab: FleetLab) -> set[str]:
    found = lab.aws("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
    return {alarm["AlarmName"] for alarm in found}


@pytest.mark.parametrize("stops", [False, True])
def test_alarm_that_rings_already_lets_nothing_through(lab: FleetLab, pair: str, stops: bool) -> None:
    """Even one that stops ringing while the new fleet comes up."""
    former, alarm = lab.settled(pair)["EndpointConfigName"], unique("ringing")
    cloudwatch = lab.aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="Ours",
        MetricName="Trouble",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    with Load(lab, pair) as load:
        lab.update(pair, lab.fleet("new", 2), DeploymentConfig=guardrails("ALL_AT_ONCE", alarm=alarm))
        if stops:
            until(lambda: status(lab, pair) != "Updating" or pending(lab, pair))
            cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="a test")
        found = lab.settled(pair)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", former)
    assert alarm in found["FailureReason"]
    assert set(load.answers) == {"old"}


def test_new_fleet_that_does_not_come_up_takes_no_request(lab: FleetLab, pair: str) -> None:
    former = lab.settled(pair)["EndpointConfigName"]
    with Load(lab, pair) as load:
        lab.update(pair, lab.fleet("gone", 2, ping=None), DeploymentConfig=guardrails("CANARY", CanarySize=percent(50)))
        found = lab.settled(pair)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", former)
    assert "did not pass the ping health check" in found["FailureReason"]
    assert not load.errors
    assert len(lab.processes(pair)) == 2


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (guardrails("CANARY", CanarySize=percent(51)), "CanarySize of 51"),
        (guardrails("CANARY", CanarySize=percent(49)), "is 0 of the 2 instances of variant AllTraffic"),
        (guardrails("CANARY", CanarySize=count(2)), "is 2 of the 2 instances"),
        (guardrails("CANARY"), "of type CANARY needs CanarySize"),
        (guardrails("LINEAR", CanarySize=percent(50)), "CanarySize has no meaning"),
        (guardrails("ALL_AT_ONCE", LinearStepSize=percent(50)), "LinearStepSize has no meaning"),
        (guardrails("ALL_AT_ONCE", wait=0, bake=600, timeout=600), "must be larger than the sum"),
        (guardrails("ALL_AT_ONCE", alarm="absent"), "names alarms that do not exist: absent"),
    ],
)
def test_configuration_that_contradicts_itself(lab: FleetLab, steady: str, config: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said) as raised:
        lab.update(steady, lab.settled(steady)["EndpointConfigName"], DeploymentConfig=config)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert status(lab, steady) == "InService"


def test_what_guardrails_exclude(lab: FleetLab, steady: str) -> None:
    other = lab.variants(Other={"model": lab.stub("other"), "InitialInstanceCount": 2})
    with pytest.raises(ClientError, match="needs the same variants before and after"):
        lab.update(steady, other, DeploymentConfig=guardrails("CANARY", CanarySize=percent(50)))
    rolling = {"RollingUpdatePolicy": {"MaximumBatchSize": percent(50), "WaitIntervalInSeconds": 0}}
    with pytest.raises(ClientError, match=r"does not implement UpdateEndpoint\.DeploymentConfig\.RollingUpdatePolicy"):
        lab.update(steady, other, DeploymentConfig=rolling)


def test_retained_deployment_configuration_and_events(lab: FleetLab, pair: str) -> None:
    config = guardrails("CANARY", CanarySize=percent(50))
    queue, events, rule = Queue(lab.aws("sqs")), lab.aws("events"), unique("rule")
    arn = lab.settled(pair)["EndpointArn"]
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["aws.sagemaker"], "resources": [arn]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": queue.arn}])
    lab.update(pair, lab.fleet("second", 2), DeploymentConfig=config)
    lab.settled(pair)
    lab.update(pair, lab.fleet("third", 2), RetainDeploymentConfig=True)
    assert lab.settled(pair)["LastDeploymentConfig"] == config
    with pytest.raises(ClientError, match="exclude one another"):
        lab.update(pair, lab.fleet("x", 2), RetainDeploymentConfig=True, DeploymentConfig=config)
    seen = queue.receive(16)
    states = [
        item["detail"]["EndpointStatus"] for item in seen if item["detail-type"].endswith("Endpoint State Change")
    ]
    assert states == ["UPDATING", "IN_SERVICE"] * 2
    stages = [
        item["detail"]["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0]["Status"]
        for item in seen
        if item["detail-type"] == "SageMaker Endpoint Deployment State Change"
    ]
    assert stages == ["Creating", "ActivatingTraffic", "Baking", "ActivatingTraffic", "Baking", "Deleting"] * 2
