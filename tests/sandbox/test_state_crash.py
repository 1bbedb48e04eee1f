"""kill -9 in the midst of work: what was under way ends as AWS ends it, and the same command works again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from job_lab import TRUST, Lab, unique
from state_lab import OwnSandbox, until

WAITS = "import time; print('epoch 1', flush=True); time.sleep(300)"
INTERNAL_ERROR = "InternalServerError: We encountered an internal error. Please try again."
ENDED = ["SageMaker Training Job State Change", "Step Functions Execution Status Change"]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSandbox]:
    sandbox = OwnSandbox(tmp_path_factory.mktemp("crash"))
    sandbox.up()
    yield sandbox
    sandbox.down()


@pytest.fixture(scope="module")
def lab(own: OwnSandbox) -> Lab:
    return Lab(own.aws)


def machine(lab: Lab, script: str) -> str:
    """A state machine of one training job, whose name its input gives."""
    request = lab.training(script)
    request["TrainingJobName.$"] = "$.name"
    del request["TrainingJobName"]
    states = {
        "Train": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
            "Parameters": request,
            "End": True,
        }
    }
    trust = json.loads(json.dumps(TRUST).replace("sagemaker.amazonaws.com", "states.amazonaws.com"))
    definition = json.dumps({"StartAt": "Train", "States": states})
    created = lab.aws("stepfunctions").create_state_machine(
        name=unique("machine"), definition=definition, roleArn=lab.make_role(trust)
    )
    return created["stateMachineArn"]


def heard(lab: Lab, detail_types: list[str]) -> str:
    """A queue that is sent the events of these types."""
    sqs, events = lab.aws("sqs"), lab.aws("events")
    queue = sqs.create_queue(QueueName=unique("heard"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:*", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    rule = unique("heard")
    events.put_rule(Name=rule, EventPattern=json.dumps({"detail-type": detail_types}))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    return queue


def messages(lab: Lab, queue: str) -> list[dict[str, Any]]:
    received = lab.aws("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(each["Body"]) for each in received]


def test_a_training_job_and_its_execution_fail_and_can_be_started_again(own: OwnSandbox, lab: Lab) -> None:
    states, name = lab.aws("stepfunctions"), unique("job")
    workflow = machine(lab, WAITS)
    queue = heard(lab, ENDED)
    execution = states.start_execution(stateMachineArn=workflow, input=json.dumps({"name": name}))["executionArn"]
    until(lambda: training(lab, name).get("SecondaryStatus") == "Training")
    until(lambda: "epoch 1" in lab.log("/aws/sagemaker/TrainingJobs", name))
    own.saved()
    own.kill()
    own.up()

    job = training(lab, name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == INTERNAL_ERROR
    assert job["TrainingEndTime"] >= job["TrainingStartTime"]
    assert [each["Status"] for each in job["SecondaryStatusTransitions"]][-2:] == ["Training", "Failed"]
    assert "epoch 1" in lab.log("/aws/sagemaker/TrainingJobs", name)

    until(lambda: states.describe_execution(executionArn=execution)["status"] == "FAILED")
    described = states.describe_execution(executionArn=execution)
    assert described["cause"].startswith("InternalServerError: the sandbox ended while this execution was running.")
    assert states.get_execution_history(executionArn=execution)["events"][-1]["type"] == "ExecutionFailed"
    told: set[tuple[str, str]] = set()
    until(lambda: told.update(statuses(lab, queue)) or len(told) >= 2)
    assert told >= {(ENDED[0], "Failed"), (ENDED[1], "FAILED")}

    with pytest.raises(lab.sagemaker.exceptions.ClientError, match="job is in status Failed"):
        lab.sagemaker.stop_training_job(TrainingJobName=name)
    again = states.start_execution(stateMachineArn=workflow, input=json.dumps({"name": unique("again")}))
    until(lambda: lab.sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"])
    states.stop_execution(executionArn=again["executionArn"])


def training(lab: Lab, name: str) -> dict[str, Any]:
    try:
        return lab.sagemaker.describe_training_job(TrainingJobName=name)
    except lab.sagemaker.exceptions.ClientError:
        return {}  # the workflow has not created it yet


def statuses(lab: Lab, queue: str) -> list[tuple[str, str]]:
    return [
        (each["detail-type"], each["detail"].get("TrainingJobStatus") or each["detail"]["status"])
        for each in messages(lab, queue)
        if each["detail"].get("TrainingJobStatus") == "Failed" or each["detail"].get("status") == "FAILED"
    ]
