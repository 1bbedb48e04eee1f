"""Several instances and several variants behind one endpoint."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from fleet_lab import FleetLab, Load
from own_sandbox import OwnSandbox
from waiting import until


@pytest.fixture(scope="module")
def lab(sandbox: OwnSandbox) -> FleetLab:
    return FleetLab(sandbox)


@pytest.fixture
def pair(lab: FleetLab) -> Iterator[str]:
    """An endpoint of two instances that each answer in a tenth of a second."""
    name = lab.serving(lab.fleet("first", 2, seconds=0.1))
    yield name
    lab.delete(name)


def test_instances_are_processes_that_share_the_requests(lab: FleetLab, pair: str) -> None:
    shown = lab.shown(pair)["AllTraffic"]
    assert (shown["CurrentInstanceCount"], shown["DesiredInstanceCount"]) == (2, 2)
    assert len(lab.processes(pair)) == 2
    with ThreadPoolExecutor(4) as clients:
        pids = list(clients.map(lambda _: lab.invoke(pair, {})["pid"], range(8)))
    assert sorted(Counter(pids).values()) == [4, 4], "each request goes to the instance with the fewest"


def test_capacity_follows_the_desired_count_and_no_request_is_lost(lab: FleetLab, pair: str) -> None:
    with Load(lab, pair) as load:
        lab.resize(pair, AllTraffic={"DesiredInstanceCount": 3})
        found = lab.sagemaker.describe_endpoint(EndpointName=pair)
        assert found["EndpointStatus"] == "Updating"
        assert found["ProductionVariants"][0]["DesiredInstanceCount"] == 3
        with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
            lab.sagemaker.delete_endpoint(EndpointName=pair)
        assert lab.settled(pair)["ProductionVariants"][0]["CurrentInstanceCount"] == 3
        assert len(lab.processes(pair)) == 3
        lab.resize(pair, AllTraffic={"DesiredInstanceCount": 1})
        assert lab.settled(pair)["ProductionVariants"][0]["CurrentInstanceCount"] == 1
        assert len(lab.processes(pair)) == 1
    assert not load.errors
    assert set(load.answers) == {"first"}


def test_variants_share_requests_by_weight_and_are_named_in_the_answer(lab: FleetLab) -> None:
    config = lab.variants(
        Blue={"model": lab.stub("blue"), "InitialVariantWeight": 3},
        Green={"model": lab.stub("green"), "InitialVariantWeight": 1},
        Dark={"model": lab.stub("dark"), "InitialVariantWeight": 0},
    )
    name = lab.serving(config)
    counts = Counter(lab.invoke(name, {})["answer"] for _ in range(200))
    assert set(counts) == {"blue", "green"}
    assert 0.62 < counts["blue"] / 200 < 0.88, "three of four, within three deviations"
    named = lab.runtime.invoke_endpoint(EndpointName=name, Body=b"", TargetVariant="Dark")
    assert named["InvokedProductionVariant"] == "Dark"
    lab.resize(name, Blue={"DesiredWeight": 0}, Dark={"DesiredWeight": 1})
    lab.settled(name)
    assert "blue" not in {lab.invoke(name, {})["answer"] for _ in range(30)}
    assert lab.shown(name)["Dark"]["CurrentWeight"] == 1
    with pytest.raises(ClientError, match="Variant Red does not exist: the endpoint has Blue, Dark, Green"):
        lab.invoke(name, {}, TargetVariant="Red")
    lab.delete(name)


@pytest.mark.parametrize(
    ("retain", "exclude", "count", "weight"),
    [
        (False, [], 1, 1.0),
        (True, [], 2, 0.5),
        (True, ["DesiredInstanceCount"], 1, 0.5),
        (True, ["DesiredWeight", "DataCaptureConfig"], 2, 1.0),
    ],
)
def test_update_retains_what_it_is_told_to(
    lab: FleetLab, retain: bool, exclude: list[str], count: int, weight: float
) -> None:
    name = lab.serving(lab.fleet("old"))
    lab.resize(name, AllTraffic={"DesiredInstanceCount": 2, "DesiredWeight": 0.5})
    lab.settled(name)
    excluded = [{"VariantPropertyType": kind} for kind in exclude]
    extra = {"ExcludeRetainedVariantProperties": excluded} if excluded else {}
    lab.update(name, lab.fleet("new"), RetainAllVariantProperties=retain, **extra)
    (shown,) = lab.settled(name)["ProductionVariants"]
    assert (shown["CurrentInstanceCount"], shown["DesiredInstanceCount"]) == (count, count)
    assert (shown["CurrentWeight"], shown["DesiredWeight"]) == (weight, weight)
    lab.delete(name)


def test_requests_for_variants_that_are_not_there(lab: FleetLab, pair: str) -> None:
    with pytest.raises(ClientError, match=r'"Other" is/are not present within endpoint configuration'):
        lab.resize(pair, Other={"DesiredWeight": 1})
    with pytest.raises(ClientError, match="has at least one instance"):
        lab.resize(pair, AllTraffic={"DesiredInstanceCount": 0})


def test_instance_that_dies_is_replaced(lab: FleetLab, pair: str) -> None:
    victim = lab.processes(pair)[0]
    victim.kill()
    victim.wait(60)
    until(lambda: len(lab.processes(pair)) == 2)


def test_instances_that_do_not_come_are_not_waited_for(lab: FleetLab, pair: str) -> None:
    faults = lab.home / "faults.json"
    faults.write_text(json.dumps({"faults": [{"kind": "capacity", "instance_type": "ml.m5.large"}]}))
    try:
        lab.resize(pair, AllTraffic={"DesiredInstanceCount": 3})
        found = lab.settled(pair)
    finally:
        faults.unlink()
    (shown,) = found["ProductionVariants"]
    assert found["EndpointStatus"] == "InService"
    assert "InsufficientInstanceCapacity" in found["FailureReason"]
    assert (shown["CurrentInstanceCount"], shown["DesiredInstanceCount"]) == (2, 2)
    assert lab.invoke(pair, {})["answer"] == "first"
