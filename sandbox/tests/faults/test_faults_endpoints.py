"""Model archives that are broken and containers that keep silent: an update that fails leaves the old model serving."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import archives
import pytest
from fault_lab import Declared
from fleet_lab import FleetLab
from own_sandbox import OwnSandbox
from serving_lab import ServingLab

START = {"ContainerStartupHealthCheckTimeoutInSeconds": 60}


@pytest.fixture(scope="module")
def lab(sandbox: OwnSandbox) -> FleetLab:
    return FleetLab(sandbox)


@pytest.fixture
def endpoint(lab: FleetLab) -> Iterator[str]:
    name = lab.serving(lab.fleet("old"))
    yield name
    lab.delete(name)


def update(lab: FleetLab, endpoint: str) -> tuple[str, dict[str, Any]]:
    """The configuration that it was to have, and the endpoint's description afterwards."""
    config = lab.config(lab.stub("new"), **START)
    lab.update(endpoint, config)
    return config, lab.settled(endpoint)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("archive-truncated", 'Failed to extract model data archive from URL "s3://'),
        ("no-ping", "The primary container for production variant AllTraffic did not pass the ping health check."),
    ],
)
def test_failed_update_leaves_the_old_model_serving(
    lab: FleetLab, endpoint: str, fault: Declared, kind: str, reason: str
) -> None:
    fault(kind, endpoint_name=endpoint, times=1)
    config, found = update(lab, endpoint)
    assert found["EndpointStatus"] == "InService"
    assert reason in found["FailureReason"]
    assert found["EndpointConfigName"] != config
    assert lab.invoke(endpoint, {})["answer"] == "old"
    assert fault.all()[0]["times"] == 0


def test_other_models_are_spared(lab: FleetLab, endpoint: str, fault: Declared) -> None:
    fault("no-ping", endpoint_name=endpoint, model_name="another-*")
    fault("archive-truncated", endpoint_name="another")
    config, found = update(lab, endpoint)
    assert (found["EndpointConfigName"], found.get("FailureReason")) == (config, None)
    assert lab.invoke(endpoint, {})["answer"] == "new"


def test_only_one_fleet_errs(lab: FleetLab, endpoint: str, fault: Declared) -> None:
    config = lab.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    fault("invocation-errors", endpoint_config_name=f"!{config}")
    fault("invocation-errors", endpoint_config_name=config, status=503, times=1)
    with pytest.raises(lab.runtime.exceptions.ModelError) as raised:
        lab.invoke(endpoint, {})
    assert raised.value.response["OriginalStatusCode"] == 503
    assert raised.value.response["Error"]["Message"].startswith("Received server error (503) from primary")
    assert lab.invoke(endpoint, {})["answer"] == "old"


def test_wrong_signature_is_found_by_the_first_request(aws: Any, tmp_path: Path, fault: Declared) -> None:
    lab = ServingLab(aws, archives.pack(archives.export(tmp_path)))
    fault("archive-wrong-signature", times=1)
    name = lab.endpoint(lab.config(lab.model()))
    assert lab.settled(name)["EndpointStatus"] == "InService", "a SavedModel loads whatever its signatures are called"
    with pytest.raises(lab.runtime.exceptions.ModelError) as raised:
        lab.invoke(name, {"instances": [[1, 2]]})
    assert "not found in signature def" in raised.value.response["OriginalMessage"]
    lab.sagemaker.delete_endpoint(EndpointName=name)
