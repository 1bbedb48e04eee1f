"""S3 that throttles or dawdles, and events that come twice: what clients, jobs and subscribers see of it."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from fault_lab import Declared
from job_lab import Lab, unique

WRITE = "import os; open(os.environ['SAGEMAKER_BASE_DIR'] + '/model/weights', 'w').write('learned')"


def client_of(lab: Lab, role_arn: str | None, attempts: int) -> Any:
    """An S3 client of a role, or of root, that tries so often."""
    keys = {"AccessKeyId": "test", "SecretAccessKey": "test", "SessionToken": None}
    if role_arn:
        keys = lab.aws("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
    return boto3.client(
        "s3",
        endpoint_url=lab.s3.meta.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(retries={"total_max_attempts": attempts}),
    )


def error_of(call: Any, **arguments: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    answer = raised.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_throttled_request_says_slow_down(lab: Lab, fault: Declared) -> None:
    fault("s3-throttled", bucket=lab.bucket, key="logs/*", action="PutObject")
    refused = error_of(lab.s3.put_object, Bucket=lab.bucket, Key="logs/a", Body=b"a")
    assert refused == ("SlowDown", "Please reduce your request rate.", 503)
    lab.put("data/a", "another key")
    assert error_of(lab.s3.get_object, Bucket=lab.bucket, Key="logs/a")[0] == "NoSuchKey", "another action"


def test_client_that_retries_gets_through(lab: Lab, fault: Declared) -> None:
    fault("s3-throttled", bucket=lab.bucket, times=2)
    client_of(lab, None, attempts=3).put_object(Bucket=lab.bucket, Key="retried", Body=b"whole")
    assert lab.get("retried") == b"whole"
    assert fault.all()[0]["times"] == 0


def test_only_one_role_is_throttled(lab: Lab, fault: Declared) -> None:
    trusting = lab.make_role(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}],
        }
    )
    lab.put("shared", "seen by all")
    fault("s3-throttled", role=trusting.rpartition("/")[2])
    assert error_of(client_of(lab, trusting, 1).head_object, Bucket=lab.bucket, Key="shared")[2] == 503
    assert lab.get("shared") == b"seen by all"


def test_slow_request_is_answered_late(lab: Lab, fault: Declared) -> None:
    lab.put("slow", "patience")
    fault("s3-slow", bucket=lab.bucket, key="slow", seconds=0.5)
    began = time.monotonic()
    assert lab.get("slow") == b"patience"
    assert time.monotonic() - began >= 0.5


def test_unreadable_faults_are_told_and_not_retried(lab: Lab, fault: Declared) -> None:
    fault("s3-throttled", bukket="x")
    code, message, _ = error_of(client_of(lab, None, 3).list_objects_v2, Bucket=lab.bucket)
    assert code == "InvalidRequest"
    assert "there is no key 'bukket'; allowed: times, bucket, key, action, role, rate" in message


def test_job_under_throttled_storage_completes_with_its_model(lab: Lab, fault: Declared) -> None:
    fault("s3-throttled", action="GetObject", bucket=lab.bucket, times=1)
    fault("s3-throttled", action="PutObject", key="models/*", times=1)
    job = lab.train(WRITE)
    assert job["TrainingJobStatus"] == "Completed"
    key = job["ModelArtifacts"]["S3ModelArtifacts"].partition(f"{lab.bucket}/")[2]
    assert lab.archive(key) == {"weights": b"learned"}
    assert [declared["times"] for declared in fault.all()] == [0, 0]


def test_job_that_cannot_upload_fails_and_says_why(lab: Lab, fault: Declared) -> None:
    fault("s3-throttled", action="PutObject", key="models/*")
    job = lab.train(WRITE)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Artifact upload failed:")
    assert "SlowDown" in job["FailureReason"]


@pytest.fixture
def subscribed(aws: Any) -> tuple[str, Any]:
    """A source of events, and a function that returns a queue's events from it."""
    source, sqs = unique("test"), aws("sqs")
    queue = sqs.create_queue(QueueName=source)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": document})
    events = aws("events")
    events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=source, Targets=[{"Id": "queue", "Arn": arn}])

    def received() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    return source, received


def test_event_comes_twice_with_one_id(aws: Any, subscribed: tuple[str, Any], fault: Declared) -> None:
    source, received = subscribed
    fault("event-twice", source=source, detail_type="Order*", times=1)
    for kind in ("Other", "Order placed", "Order sent"):
        aws("events").put_events(Entries=[{"Source": source, "DetailType": kind, "Detail": "{}"}])
    events = received()
    assert sorted(event["detail-type"] for event in events) == ["Order placed", "Order placed", "Order sent", "Other"]
    assert len({event["id"] for event in events}) == 3
