"""Model archives that are broken and containers that keep silent: an update that fails leaves the old model serving."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archives import export, pack
from fault_lab import Declared
from serving_lab import ServingLab

REQUEST, ANSWER = {"instances": [[1, 2]]}, {"predictions": [[2.0, 4.0]]}


@pytest.fixture(scope="module")
def lab(aws: Any, tmp_path_factory: pytest.TempPathFactory) -> ServingLab:
    folder: Path = export(tmp_path_factory.mktemp("archive"))
    return ServingLab(aws, pack(folder))


@pytest.fixture(scope="module")
def endpoint(lab: ServingLab) -> Iterator[str]:
    name = lab.endpoint(lab.config(lab.model()))
    assert lab.settled(name)["EndpointStatus"] == "InService"
    yield name
    lab.sagemaker.delete_endpoint(EndpointName=name)


def update(lab: ServingLab, endpoint: str, **variant: Any) -> tuple[str, dict[str, Any]]:
    """The configuration that it was to have, and the endpoint's description afterwards."""
    config = lab.config(lab.model(), **variant)
    lab.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    return config, lab.settled(endpoint)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("archive-truncated", 'Failed to extract model data archive from URL "s3://'),
        ("no-ping", "The primary container for production variant AllTraffic did not pass the ping health check."),
    ],
)
def test_failed_update_leaves_the_old_model_serving(
    lab: ServingLab, endpoint: str, fault: Declared, kind: str, reason: str
) -> None:
    fault(kind, endpoint_name=endpoint, times=1)
    config, found = update(lab, endpoint, ContainerStartupHealthCheckTimeoutInSeconds=60)
    assert found["EndpointStatus"] == "InService"
    assert reason in found["FailureReason"]
    assert found["EndpointConfigName"] != config
    assert lab.invoke(endpoint, REQUEST) == ANSWER
    assert fault.all()[0]["times"] == 0


def test_other_models_are_spared(lab: ServingLab, endpoint: str, fault: Declared) -> None:
    fault("no-ping", endpoint_name=endpoint, model_name="another-*")
    fault("archive-truncated", endpoint_name="another")
    config, found = update(lab, endpoint)
    assert (found["EndpointConfigName"], found.get("FailureReason")) == (config, None)


def test_only_one_fleet_errs(lab: ServingLab, endpoint: str, fault: Declared) -> None:
    config = lab.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    fault("invocation-errors", endpoint_config_name=f"{config}-other")
    fault("invocation-errors", endpoint_config_name=config, status=503, times=1)
    with pytest.raises(lab.runtime.exceptions.ModelError) as raised:
        lab.invoke(endpoint, REQUEST)
    assert raised.value.response["OriginalStatusCode"] == 503
    assert raised.value.response["Error"]["Message"].startswith("Received server error (503) from primary")
    assert lab.invoke(endpoint, REQUEST) == ANSWER


def test_wrong_signature_is_found_by_the_first_request(lab: ServingLab, endpoint: str, fault: Declared) -> None:
    before = lab.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    fault("archive-wrong-signature", endpoint_name=endpoint, times=1)
    config, found = update(lab, endpoint)
    assert found["EndpointConfigName"] == config, "a SavedModel loads whatever its signatures are called"
    with pytest.raises(lab.runtime.exceptions.ModelError) as raised:
        lab.invoke(endpoint, REQUEST)
    assert "not found in signature def" in raised.value.response["OriginalMessage"]
    lab.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=before)
    assert lab.settled(endpoint)["EndpointConfigName"] == before
    assert lab.invoke(endpoint, REQUEST) == ANSWER
