"""Alarms and notices on their way to a subscriber: the real templates' topic, keys, queue and rules, in a sandbox."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fleet_lab import Queue
from iam_lab import document
from job_lab import unique
from template_lab import Stack
from waiting import until

MODEL = "noticed"
GROUP = f"slipway-local-{MODEL}"
Aws = Callable[[str], Any]
Template = dict[str, Any]

TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
ENDS = {
    "FAILED": {"Type": "Fail", "Error": "BelowThreshold", "Cause": 'the cause has "quotes"'},
    "TIMED_OUT": {"Type": "Wait", "Seconds": 600, "End": True},
    "ABORTED": {"Type": "Wait", "Seconds": 600, "End": True},
    "SUCCEEDED": {"Type": "Succeed"},
}
SENTENCES = {
    "training": (f"Training of {MODEL} in local did not succeed", f"python -m operations train local {MODEL}."),
    "release": (
        f"A release of {MODEL} in local did not succeed",
        f"command: python -m operations status local {MODEL}.",
    ),
}


@pytest.fixture(scope="module")
def templates(specs: Any, model: Any, synthesize: Any) -> dict[str, Template]:
    """The templates of one model in `local`, where a person approves versions."""
    named = model.model_copy(update={"name": MODEL})
    made = synthesize(specs.environment("local"), (named,))
    return {name.removeprefix("slipway-local-"): template for name, template in made.items()}


def foundation(templates: dict[str, Template]) -> Template:
    """The part of the foundation that alarms and notices need, with its exports."""
    whole = copy.deepcopy(templates["foundation"])
    parts = ("Alarms", "Undelivered")
    resources = {name: item for name, item in whole["Resources"].items() if name.startswith(parts)}
    outputs = {name: item for name, item in whole["Outputs"].items() if "Alarm" in name or "Undelivered" in name}
    for output in outputs.values():
        output.pop("Export", None)
    return {"Resources": resources, "Outputs": outputs}


class Told:
    """A deployed part of the foundation, and a subscriber."""

    def __init__(self, aws: Aws, template: Template) -> None:
        self.aws, self.stack, self.subscriber = aws, Stack(aws, f"slipway-local-{unique('told')}"), Queue(aws("sqs"))
        self.outputs = self.stack.deploy(template)
        self.topic = self.outputs["AlarmTopicArn"]
        aws("sns").subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.subscriber.arn)
        (self.alarm,) = (
            self.stack.physical_id(name) for name, item in template["Resources"].items() if "Alarm" in item["Type"]
        )

    def ring(self) -> str:
        """Set the alarm off; gives its history's words on the action."""
        cloudwatch = self.aws("cloudwatch")
        cloudwatch.set_alarm_state(AlarmName=self.alarm, StateValue="OK", StateReason="a test")
        cloudwatch.set_alarm_state(AlarmName=self.alarm, StateValue="ALARM", StateReason="a test")
        history = cloudwatch.describe_alarm_history(AlarmName=self.alarm, HistoryItemType="Action")
        return history["AlarmHistoryItems"][0]["HistorySummary"]

    def rules(self, template: Template, machine: Template) -> Stack:
        """Deploy a stack's rules, with a small workflow in the place of its own."""
        whole = json.loads(json.dumps(template))
        kept = ("AWS::Events::Rule", "AWS::StepFunctions::StateMachine")
        resources = {name: item for name, item in whole["Resources"].items() if item["Type"] in kept}
        starters = {name: item for name, item in whole["Resources"].items() if name.startswith("StarterRole")}
        for item in resources.values():
            item.pop("DependsOn", None)
            if item["Type"] == kept[1]:
                item["Properties"] = {
                    "DefinitionString": json.dumps(machine),
                    "RoleArn": {"Fn::GetAtt": ["SmallRole", "Arn"]},
                }
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": json.loads(document(TRUST))}}
        stack = Stack(self.aws, f"slipway-local-{unique('rules')}")
        stack.deploy(self._imported({"Resources": {**resources, **starters, "SmallRole": role}}))
        return stack

    def _imported(self, value: Any) -> Any:
        """A copy with the values that the foundation exports."""
        if isinstance(value, list):
            return [self._imported(item) for item in value]
        if not isinstance(value, dict):
            return value
        if name := value.get("Fn::ImportValue"):
            return self.topic if "Alarms" in name else self.queue
        return {key: self._imported(item) for key, item in value.items()}

    @property
    def queue(self) -> str:
        url = self.outputs["UndeliveredEventsUrl"]
        attributes = self.aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return attributes["Attributes"]["QueueArn"]

    def heard(self) -> str:
        """The next message's text."""
        return self.subscriber.receive(1)[0]["Message"]


@pytest.fixture(scope="module")
def told(aws: Aws, templates: dict[str, Template]) -> Iterator[Told]:
    made = Told(aws, foundation(templates))
    yield made
    made.stack.delete()


def test_an_alarm_is_told(told: Told) -> None:
    """From the alarm by the topic's policy and its key's to the subscriber."""
    assert told.ring() == f"Successfully executed action {told.topic}"
    message = json.loads(told.heard())
    assert message["NewStateValue"] == "ALARM"
    assert message["AlarmDescription"].startswith("An event of local reached nobody: ")


def without_publishers(template: Template, kind: str, document_: str) -> Template:
    """The template as it was: no service is let in."""
    old = copy.deepcopy(template)
    for item in old["Resources"].values():
        if item["Type"] == kind:
            found = item["Properties"][document_]
            found["Statement"] = [one for one in found["Statement"] if "Service" not in one["Principal"]]
    return old


def test_an_alarm_is_not_told_by_the_former_policy_of_the_topic(aws: Aws, templates: dict[str, Template]) -> None:
    """It held one Deny, and replaced SNS's own policy."""
    former = without_publishers(foundation(templates), "AWS::SNS::TopicPolicy", "PolicyDocument")
    (policy,) = (item for item in former["Resources"].values() if item["Type"] == "AWS::SNS::TopicPolicy")
    assert [one["Effect"] for one in policy["Properties"]["PolicyDocument"]["Statement"]] == ["Deny"]
    silent = Told(aws, former)
    assert "is not authorized to perform: SNS:Publish" in silent.ring()
    silent.stack.delete()


def test_an_alarm_is_not_told_without_the_key(aws: Aws, templates: dict[str, Template]) -> None:
    silent = Told(aws, without_publishers(foundation(templates), "AWS::KMS::Key", "KeyPolicy"))
    assert "does not have authorization to access the SNS topic encryption key" in silent.ring()
    silent.stack.delete()


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
@pytest.mark.parametrize("stack", SENTENCES)
def test_a_workflow_that_does_not_succeed_is_told(
    told: Told, templates: dict[str, Template], stack: str, status: str
) -> None:
    sentence, command = SENTENCES[stack]
    timeout = {"TimeoutSeconds": 1} if status == "TIMED_OUT" else {}
    rules = told.rules(templates[f"{MODEL}-{stack}"], {"StartAt": "End", "States": {"End": ENDS[status]}, **timeout})
    states = told.aws("stepfunctions")
    arn = next(
        item["PhysicalResourceId"]
        for item in rules.cloudformation.describe_stack_resources(StackName=rules.name)["StackResources"]
        if item["ResourceType"] == "AWS::StepFunctions::StateMachine"
    )
    execution = states.start_execution(stateMachineArn=arn, name="attempt")["executionArn"]
    if status == "ABORTED":
        states.stop_execution(executionArn=execution)
    text = told.heard()
    error = {"FAILED": "BelowThreshold", "TIMED_OUT": "null", "ABORTED": "null"}[status]
    assert json.loads(text).startswith(f"{sentence}: execution attempt ended as {status} ({error}). ")
    assert text.endswith(f'{command}"')
    rules.delete()


def package(aws: Aws, status: str) -> str:
    return aws("sagemaker").create_model_package(ModelPackageGroupName=GROUP, ModelApprovalStatus=status)[
        "ModelPackageArn"
    ]


@pytest.fixture(scope="module")
def group(aws: Aws) -> str:
    aws("sagemaker").create_model_package_group(ModelPackageGroupName=GROUP)
    return GROUP


def test_a_version_that_waits_is_told(told: Told, templates: dict[str, Template], group: str) -> None:
    rules = told.rules(templates[f"{MODEL}-training"], {"StartAt": "End", "States": {"End": ENDS["SUCCEEDED"]}})
    package(told.aws, "Approved")
    number = package(told.aws, "PendingManualApproval").rpartition("/")[2]
    assert json.loads(told.heard()) == (
        f"Version {number} of {MODEL} waits for approval in local. Read its report: python -m operations report local "
        f"{MODEL} --execution v{number}. Then approve it: python -m operations approve local {MODEL} {number}, "
        f"or reject it: python -m operations reject local {MODEL} {number}."
    )
    rules.delete()


def test_an_approval_that_starts_no_release_is_told(told: Told, templates: dict[str, Template], group: str) -> None:
    """The event goes to the dead-letter queue, and the queue's alarm tells the topic."""
    rules = told.rules(templates[f"{MODEL}-release"], {"StartAt": "End", "States": {"End": ENDS["SUCCEEDED"]}})
    (arn,) = (
        item["PhysicalResourceId"]
        for item in rules.cloudformation.describe_stack_resources(StackName=rules.name)["StackResources"]
        if item["ResourceType"] == "AWS::StepFunctions::StateMachine"
    )
    told.aws("cloudwatch").set_alarm_state(AlarmName=told.alarm, StateValue="OK", StateReason="a test")
    told.aws("stepfunctions").delete_state_machine(stateMachineArn=arn)
    version = package(told.aws, "Approved")
    kept = until(
        lambda: (
            told.aws("sqs")
            .receive_message(
                QueueUrl=told.outputs["UndeliveredEventsUrl"], VisibilityTimeout=0, MessageAttributeNames=["All"]
            )
            .get("Messages")
        )
    )
    assert json.loads(kept[0]["Body"])["detail"]["ModelPackageArn"] == version
    assert kept[0]["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"
    assert json.loads(told.heard())["AlarmName"] == told.alarm
    rules.delete()
