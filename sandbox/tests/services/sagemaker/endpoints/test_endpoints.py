"""Endpoints: into service, updated, failing without harm, and gone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archives import INFERENCE, export, pack
from botocore.exceptions import ClientError
from serving_lab import ServingLab
from waiting import until

TENFOLD = INFERENCE.replace("return data.read()", "return data.read().replace(b'1', b'10')")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def lab(aws: Any, folder: Path) -> ServingLab:
    return ServingLab(aws, pack(folder))


@pytest.fixture(scope="module")
def endpoint(lab: ServingLab) -> Iterator[str]:
    name = lab.endpoint(lab.config(lab.model()))
    yield name
    lab.sagemaker.delete_endpoint(EndpointName=name)


def test_endpoint_comes_into_service_and_answers(lab: ServingLab, endpoint: str) -> None:
    found = lab.settled(endpoint)
    assert (found["EndpointStatus"], found.get("FailureReason")) == ("InService", None)
    (shown,) = found["ProductionVariants"]
    assert (shown["VariantName"], shown["CurrentInstanceCount"], shown["CurrentWeight"]) == ("AllTraffic", 1, 1.0)
    answer = lab.runtime.invoke_endpoint(
        EndpointName=endpoint, ContentType="application/json", Body=b'{"instances": [[1, 2]]}'
    )
    assert (answer["InvokedProductionVariant"], answer["ContentType"]) == ("AllTraffic", "application/json")
    assert json.load(answer["Body"]) == {"predictions": [[2.0, 4.0]]}


def test_error_of_the_model_is_a_model_error(lab: ServingLab, endpoint: str) -> None:
    lab.settled(endpoint)
    with pytest.raises(lab.runtime.exceptions.ModelError) as raised:
        lab.invoke(endpoint, {}, ContentType="text/csv")
    answer = raised.value.response
    assert answer["OriginalStatusCode"] == 500
    assert json.loads(answer["OriginalMessage"]) == {"error": "Unsupported content type text/csv"}
    assert answer["Error"]["Message"].startswith("Received server error (500) from primary with message")
    assert f":log-group:/aws/sagemaker/Endpoints/{endpoint}:log-stream:AllTraffic/i-" in answer["LogStreamArn"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424


def test_custom_attributes_reach_the_container(lab: ServingLab, endpoint: str) -> None:
    lab.settled(endpoint)
    with pytest.raises(lab.runtime.exceptions.ModelError) as raised:
        lab.invoke(endpoint, {"instances": [[1, 2]]}, CustomAttributes="tfs-method=train")
    assert raised.value.response["OriginalStatusCode"] == 400
    assert raised.value.response["Error"]["Message"].startswith("Received client error (400) from primary")


@pytest.mark.parametrize(
    ("members", "code", "said"),
    [
        ({"EndpointName": "absent"}, "ValidationError", "Endpoint absent of account 000000000000 not found."),
        ({"TargetVariant": "Other"}, "ValidationError", "Variant Other does not exist"),
        (
            {"TargetModel": "a.tar.gz"},
            "ValidationError",
            "does not implement InvokeEndpoint with x-amzn-sagemaker-target",
        ),
        ({"Body": bytes(26 * 1024 * 1024)}, "413", "HTTP content length exceeded 26214400 bytes."),
    ],
)
def test_invocation_that_reaches_no_model(
    lab: ServingLab, endpoint: str, members: dict[str, Any], code: str, said: str
) -> None:
    lab.settled(endpoint)
    with pytest.raises(ClientError) as raised:
        lab.invoke(endpoint, {}, **members)
    assert raised.value.response["Error"]["Code"] == code
    assert said in raised.value.response["Error"]["Message"]


def test_name_in_another_case_is_another_endpoint_to_clients_but_not_to_the_account(
    lab: ServingLab, endpoint: str
) -> None:
    lab.settled(endpoint)
    with pytest.raises(ClientError, match="not found"):
        lab.invoke(endpoint.lower(), {})
    config = lab.settled(endpoint)["EndpointConfigName"]
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        lab.sagemaker.create_endpoint(EndpointName=endpoint.upper(), EndpointConfigName=config)


def test_update_serves_the_new_model_without_a_gap(lab: ServingLab, endpoint: str, folder: Path) -> None:
    lab.settled(endpoint)
    inference = folder / "code" / "inference.py"
    inference.write_text(TENFOLD)
    try:
        uri = lab.put("models/tenfold.tar.gz", pack(folder))
    finally:
        inference.write_text(INFERENCE)
    config, former = lab.config(lab.model(uri)), lab.settled(endpoint)["EndpointConfigName"]
    answers: list[Any] = []
    done = threading.Event()

    def load() -> None:
        while not done.is_set():
            answers.append(lab.invoke(endpoint, {"instances": [[1, 2]]})["predictions"][0][0])

    client = threading.Thread(target=load)
    client.start()
    lab.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config, RetainAllVariantProperties=True)
    assert lab.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"] == former
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        lab.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    assert lab.settled(endpoint)["EndpointConfigName"] == config
    until(lambda: answers[-1] == 20.0)
    done.set()
    client.join()
    assert {answers[0], answers[-1]} == {2.0, 20.0}
    assert answers == sorted(answers), "no request after the hand-over may reach the former model"


def test_failed_update_leaves_the_former_model_in_service(lab: ServingLab, endpoint: str) -> None:
    former = lab.settled(endpoint)["EndpointConfigName"]
    config = lab.config(lab.model(lab.put("models/broken.tar.gz", b"no archive")))
    lab.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    found = lab.settled(endpoint)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", former)
    assert found["FailureReason"].startswith("Failed to extract model data archive")
    assert lab.invoke(endpoint, {"instances": [[3, 4]]})["predictions"][0][1] == 8.0


def test_script_without_handlers_fails_the_health_check_and_says_why_in_the_log(lab: ServingLab, folder: Path) -> None:
    inference = folder / "code" / "inference.py"
    inference.write_text("")
    try:
        uri = lab.put("models/no-handlers.tar.gz", pack(folder))
    finally:
        inference.write_text(INFERENCE)
    name = lab.endpoint(lab.config(lab.model(uri)))
    found = lab.settled(name)
    assert found["EndpointStatus"] == "Failed"
    assert found["FailureReason"] == (
        "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
        "CloudWatch logs for this endpoint."
    )
    events = lab.aws("logs").filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{name}")["events"]
    assert any("Handlers are not implemented" in event["message"] for event in events)
    lab.sagemaker.delete_endpoint(EndpointName=name)


def test_deleted_endpoint_is_gone(lab: ServingLab) -> None:
    name = lab.endpoint(lab.config(lab.model(lab.put("models/broken.tar.gz", b"no archive"))))
    lab.settled(name)
    assert name in [found["EndpointName"] for found in lab.sagemaker.list_endpoints(StatusEquals="Failed")["Endpoints"]]
    lab.sagemaker.delete_endpoint(EndpointName=name)
    until(lambda: name not in str(lab.sagemaker.list_endpoints()["Endpoints"]))
    with pytest.raises(ClientError, match="Could not find endpoint"):
        lab.sagemaker.describe_endpoint(EndpointName=name)
