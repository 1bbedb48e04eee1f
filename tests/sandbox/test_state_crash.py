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


SLOW = """
import json, time, urllib.request
def handler(event, context):
    time.sleep(int(event["ResourceProperties"].get("Seconds", 0)))
    answer = {"Status": "SUCCESS", "PhysicalResourceId": "slow", "StackId": event["StackId"],
              "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"]}
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT"))
"""


def stack_template(lab: Lab, seconds: int, parameter: str) -> str:
    """A bucket, a parameter, and after them a machine that takes so long that the sandbox is killed meanwhile."""
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Role": lab.role,
            "Timeout": 600,
            "Code": {"ZipFile": SLOW},
        },
    }
    slow = {
        "Type": "Custom::Slow",
        "DependsOn": ["Bucket", "Parameter", "Topic"],
        "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "Seconds": seconds},
    }
    return json.dumps(
        {
            "Resources": {
                "Bucket": {"Type": "AWS::S3::Bucket"},
                "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": parameter}},
                "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"topic-{parameter}"}},
                "Function": function,
                "Slow": slow,
            },
            "Outputs": {"Parameter": {"Value": {"Ref": "Parameter"}}, "Topic": {"Value": {"Ref": "Topic"}}},
        }
    )


def cut_off(own: OwnSandbox, name: str) -> None:
    """Kill the sandbox while the stack waits for its slow resource, and start it again."""
    until(
        lambda: (
            ("Slow", "IN_PROGRESS") in [(each[0], each[1].partition("_")[2]) for each in resource_events(own, name)][:1]
        )
    )
    own.saved()
    own.kill()
    own.up()


def resource_events(own: OwnSandbox, name: str) -> list[tuple[str, str]]:
    """Logical id and status, newest first."""
    events = own.aws("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in events]


def at_rest(own: OwnSandbox, name: str) -> dict[str, Any]:
    def described() -> dict[str, Any]:
        stack = own.aws("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return {} if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    return until(described)


def owned(own: OwnSandbox) -> dict[str, list[str]]:
    return {
        "buckets": sorted(each["Name"] for each in own.aws("s3").list_buckets()["Buckets"]),
        "topics": sorted(each["TopicArn"] for each in own.aws("sns").list_topics()["Topics"]),
    }


def test_a_create_is_rolled_back_and_leaves_nothing(own: OwnSandbox, lab: Lab) -> None:
    formation, name = own.aws("cloudformation"), unique("stack")
    before = owned(own)
    formation.create_stack(StackName=name, TemplateBody=stack_template(lab, 300, "one"))
    cut_off(own, name)
    assert at_rest(own, name)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert owned(own) == before
    happened = resource_events(own, name)
    assert {("Bucket", "DELETE_COMPLETE"), ("Topic", "DELETE_COMPLETE")} <= set(happened)
    assert happened[0] == (name, "ROLLBACK_COMPLETE")

    formation.delete_stack(StackName=name)  # as the CDK CLI does before it creates it again
    formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    formation.create_stack(StackName=name, TemplateBody=stack_template(lab, 0, "one"))
    assert at_rest(own, name)["StackStatus"] == "CREATE_COMPLETE"


def test_an_update_is_rolled_back_to_what_was(own: OwnSandbox, lab: Lab) -> None:
    formation, name = own.aws("cloudformation"), unique("stack")
    formation.create_stack(StackName=name, TemplateBody=stack_template(lab, 0, "first"))
    created = at_rest(own, name)
    before = owned(own)
    formation.update_stack(StackName=name, TemplateBody=stack_template(lab, 300, "second"))
    cut_off(own, name)
    rolled_back = at_rest(own, name)
    assert rolled_back["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert rolled_back["Outputs"] == created["Outputs"]
    assert owned(own) == before
    parameter = next(each["OutputValue"] for each in created["Outputs"] if each["OutputKey"] == "Parameter")
    assert own.aws("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == "first"

    formation.update_stack(StackName=name, TemplateBody=stack_template(lab, 0, "second"))
    assert at_rest(own, name)["StackStatus"] == "UPDATE_COMPLETE"
    assert own.aws("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == "second"
