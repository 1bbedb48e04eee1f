"""Jobs as tasks of a state machine, and the events of their status."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from iam_lab import IamLab, allow, sagemaker_arn
from job_lab import Lab, ended_execution, let_events_send, unique


class Workflow:
    """A state machine of one task."""

    def __init__(self, lab: Lab, role: str, resource: str, arguments: dict[str, Any]) -> None:
        self.client = lab.aws("stepfunctions")
        task = {
            "Type": "Task",
            "Resource": f"arn:aws:states:::sagemaker:{resource}",
            "Parameters": arguments,
            "End": True,
        }
        machine = self.client.create_state_machine(
            name=unique("workflow"), definition=json.dumps({"StartAt": "Job", "States": {"Job": task}}), roleArn=role
        )
        self.execution = self.client.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]

    def ended(self) -> dict[str, Any]:
        return ended_execution(self.client, self.execution)


def test_sync_gives_the_description(lab: Lab, role: str) -> None:
    request = lab.training("", HyperParameters={"epochs": "1"}, Tags=[{"Key": "team", "Value": "digits"}])
    ended = Workflow(lab, role, "createTrainingJob.sync", request).ended()
    assert ended["status"] == "SUCCEEDED", ended
    job, described = json.loads(ended["output"]), lab.trained(request["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed"
    assert job["ModelArtifacts"] == described["ModelArtifacts"]
    assert job["CreationTime"] == round(described["CreationTime"].timestamp() * 1000)
    tags = lab.sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
    assert tags == [
        {"Key": "team", "Value": "digits"},
        {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"},
    ]


def test_without_sync_the_job_goes_on(lab: Lab, role: str) -> None:
    request = lab.processing("import time; time.sleep(1)")
    ended = Workflow(lab, role, "createProcessingJob", request).ended()
    name = request["ProcessingJobName"]
    assert json.loads(ended["output"]) == {
        "ProcessingJobArn": f"arn:aws:sagemaker:us-east-1:000000000000:processing-job/{name}"
    }
    assert lab.sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "InProgress"
    assert lab.processed(name)["ProcessingJobStatus"] == "Completed"


def test_a_failed_job_fails_the_task_with_its_description(lab: Lab, role: str) -> None:
    request = lab.processing("raise SystemExit(1)")
    ended = Workflow(lab, role, "createProcessingJob.sync", request).ended()
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    cause = json.loads(ended["cause"])
    assert cause["ProcessingJobStatus"] == "Failed"
    assert cause["FailureReason"] == "AlgorithmError: See job logs for more information"


def test_a_stopped_job_fails_the_task(lab: Lab, role: str) -> None:
    request = lab.training("import time; time.sleep(600)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    ended = Workflow(lab, role, "createTrainingJob.sync", request).ended()
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(ended["cause"])["SecondaryStatus"] == "MaxRuntimeExceeded"


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"RoleArn": "arn:aws:iam::000000000000:role/nobody"}, "AmazonSageMakerException", "ValidationException"),
        ({"TrainingJobName": "taken"}, "ResourceInUseException", "ResourceInUse"),
    ],
)
def test_a_refused_job_has_an_error_name(lab: Lab, role: str, change: dict[str, str], error: str, code: str) -> None:
    if "TrainingJobName" in change:
        change = {"TrainingJobName": lab.train("")["TrainingJobName"]}
    ended = Workflow(lab, role, "createTrainingJob.sync", lab.training("") | change).ended()
    assert (ended["status"], ended["error"]) == ("FAILED", f"SageMaker.{error}")
    assert f"(Service: AmazonSageMaker; Status Code: 400; Error Code: {code};" in ended["cause"]


@pytest.mark.parametrize("resource", ["createTrainingJob", "createTrainingJob.sync", "createProcessingJob.sync"])
def test_a_task_needs_to_list_the_tags_of_its_job(lab: Lab, iam: IamLab, resource: str) -> None:
    """AWS documents it for both patterns. A client that creates a job needs no such permission."""
    kind = "Training" if "Training" in resource else "Processing"
    actions = [f"sagemaker:{verb}{kind}Job" for verb in ("Create", "Describe")]
    role = iam.role("states", allow(*actions, "sagemaker:AddTags", "iam:PassRole", "events:*"))
    request = lab.training("") if kind == "Training" else lab.processing("")
    name = request[f"{kind}JobName"]
    ended = Workflow(lab, role, resource, request).ended()
    assert (ended["status"], ended["error"]) == ("FAILED", "SageMaker.AmazonSageMakerException")
    arn = sagemaker_arn(f"{kind.lower()}-job/{name}")
    assert f"is not authorized to perform: sagemaker:ListTags on resource: {arn}" in ended["cause"]
    with pytest.raises(ClientError, match=r"not found|not find"):
        getattr(lab.sagemaker, f"describe_{kind.lower()}_job")(**{f"{kind}JobName": name})


def inbox(lab: Lab, kind: str, name: str) -> str:
    """The URL of a queue that takes every event of a job."""
    sqs, queue = lab.aws("sqs"), unique("inbox")
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"detail-type": [f"SageMaker {kind} Job State Change"], "detail": {f"{kind}JobName": [name]}}
    let_events_send(sqs, url, arn)
    lab.aws("events").put_rule(Name=queue, EventPattern=json.dumps(pattern))
    lab.aws("events").put_targets(Rule=queue, Targets=[{"Id": "inbox", "Arn": arn}])
    return url


@pytest.mark.parametrize("kind", ["Training", "Processing"])
def test_every_change_of_status_is_an_event(lab: Lab, kind: str) -> None:
    request = lab.training("") if kind == "Training" else lab.processing("")
    name = request[f"{kind}JobName"]
    url = inbox(lab, kind, name)
    create = lab.sagemaker.create_training_job if kind == "Training" else lab.sagemaker.create_processing_job
    create(**request, Tags=[{"Key": "team", "Value": "digits"}])
    (lab.trained if kind == "Training" else lab.processed)(name)
    events = [json.loads(message["Body"]) for message in receive(lab.aws("sqs"), url)]
    details = [event["detail"] for event in events]
    assert {event["source"] for event in events} == {"aws.sagemaker"}
    assert events[-1]["resources"] == [details[-1][f"{kind}JobArn"]]
    assert isinstance(details[-1]["CreationTime"], int)
    assert all(detail["Tags"] == {"team": "digits"} for detail in details)
    if kind == "Processing":
        assert [detail["ProcessingJobStatus"] for detail in details] == ["InProgress", "Completed"]
        return
    secondary = ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert [detail["SecondaryStatus"] for detail in details] == secondary
    assert [transition["Status"] for transition in details[-1]["SecondaryStatusTransitions"]] == secondary
    assert details[-1]["ResourceConfig"] == request["ResourceConfig"]
    assert isinstance(details[-1]["SecondaryStatusTransitions"][0]["StartTime"], int)


def test_the_end_at_a_limit_is_told_step_by_step(lab: Lab) -> None:
    request = lab.training("import time; time.sleep(600)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    url = inbox(lab, "Training", request["TrainingJobName"])
    lab.sagemaker.create_training_job(**request)
    lab.trained(request["TrainingJobName"])
    details = [json.loads(message["Body"])["detail"] for message in receive(lab.aws("sqs"), url)]
    assert [(detail["TrainingJobStatus"], detail["SecondaryStatus"]) for detail in details[-3:]] == [
        ("InProgress", "Training"),
        ("Stopping", "Stopping"),
        ("Stopped", "MaxRuntimeExceeded"),
    ]


def receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    """Everything in the queue, in its order."""
    messages: list[dict[str, Any]] = []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
        messages += batch
        for message in batch:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages
