"""InvokeEndpoint: who may, what comes of it when the container answers and when not, what CloudWatch is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from invocation_lab import InvocationLab
from job_lab import unique
from sandboxes import NewSandbox
from waiting import until


@pytest.fixture(scope="module")
def lab(new_sandbox: NewSandbox) -> Iterator[InvocationLab]:
    """A sandbox that waits a second for a container's answer."""
    with new_sandbox(SANDBOX_REPLY_TIMEOUT_SECONDS="1").running() as sandbox:
        yield InvocationLab(sandbox)


@pytest.fixture(scope="module")
def endpoint(lab: InvocationLab) -> str:
    """Two instances."""
    return lab.serving(lab.fleet("", count=2))


def refused(lab: InvocationLab, endpoint: str, **told: Any) -> dict[str, Any]:
    with pytest.raises(lab.runtime.exceptions.ModelError) as raised:
        lab.tell(endpoint, **told)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 424
    return raised.value.response


def test_headers_on_the_way_in_and_out(lab: InvocationLab, endpoint: str) -> None:
    answer = lab.runtime.invoke_endpoint(
        EndpointName=endpoint,
        Body=b"{}",
        ContentType="application/json",
        Accept="application/json;verbose=true",
        CustomAttributes="trace=there",
        InferenceId="an-id",
        TargetVariant="AllTraffic",
    )
    assert (answer["InvokedProductionVariant"], answer["CustomAttributes"]) == ("AllTraffic", "trace=back")
    assert answer["ResponseMetadata"]["RequestId"]
    headers = json.load(answer["Body"])["headers"]
    assert headers["accept"] == "application/json;verbose=true"
    assert headers["x-amzn-sagemaker-custom-attributes"] == "trace=there"
    assert not {"authorization", "x-amz-date", "x-amzn-sagemaker-inference-id"} & headers.keys()


@pytest.mark.parametrize(("status", "whose"), [(400, "client"), (429, "client"), (500, "server"), (503, "server")])
def test_other_status_than_2xx_is_a_model_error(lab: InvocationLab, endpoint: str, status: int, whose: str) -> None:
    found = refused(lab, endpoint, status=status)
    assert (found["OriginalStatusCode"], set(json.loads(found["OriginalMessage"]))) == (status, {"pid", "headers"})
    assert found["Error"]["Message"].startswith(f'Received {whose} error ({status}) from primary with message "')


def test_container_that_takes_too_long(lab: InvocationLab, endpoint: str) -> None:
    found = refused(lab, endpoint, sleep=3)
    assert found["OriginalStatusCode"] == 0
    assert found["Error"]["Message"].startswith('Received server error (0) from primary with message "Your invocation')
    assert found["OriginalMessage"].startswith("Your invocation timed out while waiting for a response from container")


def test_container_that_dies_is_replaced_while_the_other_serves(lab: InvocationLab, endpoint: str) -> None:
    found = refused(lab, endpoint, exit=True)
    assert found["OriginalStatusCode"] == 0
    assert found["OriginalMessage"] == "An error occurred while handling request as the model process exited."
    survivors = {lab.tell(endpoint)["pid"] for _ in range(10)}
    assert len(survivors) == 1, "requests go to the healthy instance"

    def both_serve() -> bool:
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda: answers.append(lab.tell(endpoint, sleep=0.2)["pid"])) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(set(answers)) == 2

    until(both_serve)
    events = lab.aws("logs").filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{endpoint}")["events"]
    assert any("the model server ended unexpectedly" in event["message"] for event in events)


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("invoke_endpoint_with_response_stream", {"Body": b"{}"}),
        ("invoke_endpoint_async", {"InputLocation": "s3://bucket/key"}),
    ],
)
def test_other_ways_to_invoke_are_refused_by_name(
    lab: InvocationLab, endpoint: str, operation: str, members: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=r"the sandbox does not implement InvokeEndpoint(WithResponseStream|Async):"):
        getattr(lab.runtime, operation)(EndpointName=endpoint, **members)


def statistics(lab: InvocationLab, name: str, dimensions: dict[str, str], namespace: str = "AWS/SageMaker") -> Any:
    """A whole metric as one datapoint; empty without data."""
    moment = datetime.now(UTC)
    found = lab.aws("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=moment - timedelta(hours=1),
        EndTime=moment + timedelta(hours=1),
        Period=7200,
        Statistics=["SampleCount", "Sum", "Average", "Maximum"],
    )["Datapoints"]
    return found[0] if found else {"SampleCount": 0}


def test_metrics_and_an_alarm_on_them(lab: InvocationLab) -> None:
    endpoint = lab.serving(config := lab.fleet("", count=2))
    new_fleet = {"EndpointName": endpoint, "VariantName": "AllTraffic", "EndpointConfigName": config}
    cloudwatch, alarm = lab.aws("cloudwatch"), lab.errors_alarm(new_fleet, "Average", 0.4)
    for told in ({"sleep": 0.2}, {"sleep": 0.2}, {"status": 500}, {"status": 500}, {"status": 404}):
        try:
            lab.tell(endpoint, **told)
        except ClientError:
            continue
    variant = {"EndpointName": endpoint, "VariantName": "AllTraffic"}
    until(lambda: statistics(lab, "OverheadLatency", variant)["SampleCount"] == 5)
    sums = {name: statistics(lab, name, variant) for name in ("Invocations", "InvocationsPerInstance", "ModelLatency")}
    assert (sums["Invocations"]["Sum"], sums["InvocationsPerInstance"]["Sum"]) == (5, 2.5)
    assert 200_000 <= sums["ModelLatency"]["Maximum"] < 900_000, "microseconds"
    assert 0 < statistics(lab, "OverheadLatency", variant)["Average"] < 100_000
    for name, rate in (("Invocation4XXErrors", 0.2), ("Invocation5XXErrors", 0.4), ("InvocationModelErrors", 0.6)):
        assert statistics(lab, name, new_fleet)["Average"] == pytest.approx(rate), name
    assert state(cloudwatch, alarm) != "ALARM"
    for _ in range(5):
        refused(lab, endpoint, status=503)
    until(lambda: state(cloudwatch, alarm) == "ALARM")
    until(lambda: statistics(lab, "CPUUtilization", variant, "/aws/sagemaker/Endpoints")["SampleCount"] >= 2)
    memory = statistics(lab, "MemoryUtilization", variant, "/aws/sagemaker/Endpoints")
    assert 0 < memory["Average"] < 50


def state(cloudwatch: Any, alarm: str) -> str:
    (found,) = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return found["StateValue"]


def test_health_is_asked_while_in_service_and_a_silent_server_is_replaced() -> None:
    from sandbox.services.sagemaker.endpoints.health import Health

    answers, replaced, stopping = [True, False, True, *[False] * 400], [], threading.Event()

    def replace() -> None:
        replaced.append(time.monotonic())
        if len(replaced) == 2:
            stopping.set()

    health = Health(lambda: answers.pop(0), replace, 0.3, every=0.001, every_while_sick=0.01, sick_seconds=0.05)
    health.watch(stopping)
    assert not health.healthy
    assert replaced[1] - replaced[0] > 0.3, "what is started again has the time of a start"


def invoker(lab: InvocationLab, *statements: dict[str, Any]) -> tuple[Any, str]:
    """A runtime client of a role with such a policy, and the role's name."""
    name = unique("invoker")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam = lab.aws("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    iam.put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=policy(*statements))
    role = f"arn:aws:iam::000000000000:role/{name}"
    keys = lab.aws("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return lab.aws(
        "sagemaker-runtime",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    ), name


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_role_may_invoke_what_its_policy_names_and_a_change_counts_at_once(lab: InvocationLab, endpoint: str) -> None:
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{endpoint.lower()}"
    runtime, role = invoker(lab, {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": arn})
    assert runtime.invoke_endpoint(EndpointName=endpoint, Body=b"{}")["InvokedProductionVariant"] == "AllTraffic"
    denied = {"Effect": "Deny", "Action": "sagemaker:InvokeEndpoint", "Resource": arn}
    lab.aws("iam").put_role_policy(RoleName=role, PolicyName="no-longer", PolicyDocument=policy(denied))
    with pytest.raises(ClientError) as raised:
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"{}")
    assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
    assert f"assumed-role/{role}/test is not authorized to perform: sagemaker:InvokeEndpoint on resource: {arn}" in str(
        raised.value
    )


def test_role_without_the_permission_and_a_false_signature(lab: InvocationLab, endpoint: str) -> None:
    other, _ = invoker(lab, {"Effect": "Allow", "Action": "sagemaker:DescribeEndpoint", "Resource": "*"})
    with pytest.raises(ClientError, match="because no identity-based policy allows the sagemaker:InvokeEndpoint"):
        other.invoke_endpoint(EndpointName=endpoint, Body=b"{}")
    allowed, _ = invoker(lab, {"Effect": "Allow", "Action": "*", "Resource": "*"})

    def forge(request: Any, **_: Any) -> None:
        request.headers["Authorization"] = request.headers["Authorization"][:-1] + b"x"

    allowed.meta.events.register("before-send.sagemaker-runtime", forge)
    with pytest.raises(ClientError, match="signature"):
        allowed.invoke_endpoint(EndpointName=endpoint, Body=b"{}")
