"""The surroundings of jobs in tests: a bucket, a role, a request, and the wait for its end."""

from __future__ import annotations

import io
import json
import tarfile
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sandbox.machines.containers import host_names
from waiting import PATIENCE, until

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.19.0-cpu-py312"
REPOSITORY = IMAGE.partition(":")[0]
DIGEST = "sha256:" + "0123456789abcdef" * 4


def trust(service: str) -> dict[str, Any]:
    """The trust policy of a role for a service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


TRUST = trust("sagemaker.amazonaws.com")
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _machine_has_several_instances() -> bool:
    try:
        host_names.require_resolvable(host_names.host_names(2))
    except host_names.Unresolvable:
        return False
    return True


SEVERAL_INSTANCES = pytest.mark.skipif(
    not _machine_has_several_instances(),
    reason="this machine permits no user namespaces, so the sandbox refuses jobs of several instances",
)


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def make_role(iam: Any, trust: dict[str, Any]) -> str:
    """The ARN of a new role that may do everything."""
    name = unique("lab")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
    return role["Arn"]


class Lab:
    """One bucket and one role, and jobs that run with them."""

    def __init__(self, aws: Callable[[str], Any]) -> None:
        self.aws = aws
        self.sagemaker = aws("sagemaker")
        self.s3 = aws("s3")
        self.bucket = unique("lab")
        self.s3.create_bucket(Bucket=self.bucket)
        self.role = self.make_role(TRUST)

    def make_role(self, trust: dict[str, Any]) -> str:
        return make_role(self.aws("iam"), trust)

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def put(self, key: str, body: str | bytes) -> str:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return self.uri(key)

    def get(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def keys(self, prefix: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return sorted(entry["Key"] for entry in found)

    def archive(self, key: str) -> dict[str, bytes]:
        """The files in a tar.gz, by name."""
        with tarfile.open(fileobj=io.BytesIO(self.get(key)), mode="r:gz") as tar:
            files = [member for member in tar.getmembers() if member.isfile()]
            return {member.name: tar.extractfile(member).read() for member in files}  # type: ignore[union-attr]

    def training(self, script: str, **members: Any) -> dict[str, Any]:
        """A request with the script in the channel `code`."""
        name = unique("job")
        return {
            "TrainingJobName": name,
            "RoleArn": self.role,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/main.py"],
            },
            "InputDataConfig": [channel("code", self.put(f"code/{name}/main.py", script))],
            "OutputDataConfig": {"S3OutputPath": self.uri("models")},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        } | members

    def processing(self, script: str, **members: Any) -> dict[str, Any]:
        """A request with the script in the input `code`."""
        name = unique("job")
        source = self.put(f"code/{name}/main.py", script)
        return {
            "ProcessingJobName": name,
            "RoleArn": self.role,
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/main.py"],
            },
            "ProcessingInputs": [given("code", source, "/opt/ml/processing/input/code")],
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        } | members

    def train(self, script: str, **members: Any) -> dict[str, Any]:
        """Run a training job to its end and describe it."""
        request = self.training(script, **members)
        self.sagemaker.create_training_job(**request)
        return self.trained(request["TrainingJobName"])

    def process(self, script: str, **members: Any) -> dict[str, Any]:
        """Run a processing job to its end and describe it."""
        request = self.processing(script, **members)
        self.sagemaker.create_processing_job(**request)
        return self.processed(request["ProcessingJobName"])

    def trained(self, name: str, *statuses: str) -> dict[str, Any]:
        """Wait for one of the statuses, by default any final one; return the job's description."""
        return await_status(
            lambda: self.sagemaker.describe_training_job(TrainingJobName=name), "TrainingJobStatus", statuses
        )

    def processed(self, name: str, *statuses: str) -> dict[str, Any]:
        return await_status(
            lambda: self.sagemaker.describe_processing_job(ProcessingJobName=name), "ProcessingJobStatus", statuses
        )

    def await_training(self, name: str) -> None:
        """Until the container runs."""
        await_status(
            lambda: self.sagemaker.describe_training_job(TrainingJobName=name), "SecondaryStatus", ("Training",)
        )

    def log(self, group: str, name: str) -> list[str]:
        """All lines of a job's only stream."""
        logs = self.aws("logs")
        (stream,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/algo-1-")["logStreams"]
        events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
        return [event["message"] for event in events["events"]]


def channel(name: str, uri: str) -> dict[str, Any]:
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}


def given(name: str, uri: str, path: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source}


def output(name: str, uri: str, path: str) -> dict[str, Any]:
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"}}


def await_status(
    describe: Callable[[], dict[str, Any]], member: str, statuses: tuple[str, ...], within: float = PATIENCE
) -> dict[str, Any]:
    wanted = statuses or ("Completed", "Failed", "Stopped")
    deadline = time.monotonic() + within
    while (description := describe())[member] not in wanted:
        if time.monotonic() > deadline:
            pytest.fail(f"{member} is still {description[member]}, not one of {wanted}")
        time.sleep(0.05)
    return description


def ended_execution(states: Any, arn: str) -> dict[str, Any]:
    """An execution's description once it has ended; `states` is a client of Step Functions.

    A whole training is minutes on a loaded machine.
    """

    def ended() -> dict[str, Any] | None:
        found = states.describe_execution(executionArn=arn)
        return found if found["status"] != "RUNNING" else None

    return until(ended, within=5 * PATIENCE) or {}


def let_events_send(sqs: Any, url: str, arn: str) -> None:
    """A queue takes events of rules only by a policy of its own."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
