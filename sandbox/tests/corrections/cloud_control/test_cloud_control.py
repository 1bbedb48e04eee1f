"""Cloud Control reads and updates the resources of stacks, or refuses with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from iam_lab import IamLab, allow
from job_lab import EVERYTHING, unique
from template_lab import Stack
from waiting import until

MACHINE = "AWS::StepFunctions::StateMachine"


def definition(result: str) -> str:
    return json.dumps({"StartAt": "Say", "States": {"Say": {"Type": "Pass", "Result": result, "End": True}}})


def trusted(service: str) -> dict[str, Any]:
    """A role that a service may assume, and that may do everything."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    policy = {"PolicyName": "all", "PolicyDocument": EVERYTHING}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document, "Policies": [policy]}}


RESOURCES = {
    "Role": trusted("states.amazonaws.com"),
    "Machine": {
        "Type": MACHINE,
        "Properties": {
            "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "DefinitionString": definition("first"),
            "Tags": [{"Key": "team", "Value": "one"}],
        },
    },
    "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "1"}},
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30}},
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {"EventPattern": {"source": ["a"]}, "Description": "first"},
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            **{"MetricName": "M", "Namespace": "N", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1},
            **{"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1},
        },
    },
}


class Control:
    """Cloud Control's client, and the stack with the resources."""

    def __init__(self, aws: Callable[..., Any], stack: Stack) -> None:
        self.aws, self.stack, self.api = aws, stack, aws("cloudcontrol")
        stack.deploy({"Resources": RESOURCES})
        self.ids = {logical_id: stack.physical_id(logical_id) for logical_id in RESOURCES}

    def patch(self, logical_id: str, *operations: dict[str, Any], **more: str) -> dict[str, Any]:
        """Begin an update; gives its event."""
        request = {"TypeName": RESOURCES[logical_id]["Type"], "Identifier": self.ids[logical_id]} | more
        return self.api.update_resource(**request, PatchDocument=json.dumps(operations))["ProgressEvent"]

    def patched(self, logical_id: str, *operations: dict[str, Any]) -> dict[str, Any]:
        """Update to the end; gives the last event."""
        token = self.patch(logical_id, *operations)["RequestToken"]

        def ended() -> dict[str, Any] | None:
            event = self.api.get_resource_request_status(RequestToken=token)["ProgressEvent"]
            return None if event["OperationStatus"] == "IN_PROGRESS" else event

        return until(ended)

    def read(self, logical_id: str) -> dict[str, Any]:
        found = self.api.get_resource(TypeName=RESOURCES[logical_id]["Type"], Identifier=self.ids[logical_id])
        return json.loads(found["ResourceDescription"]["Properties"])


@pytest.fixture(scope="module")
def control(aws: Callable[..., Any]) -> Iterator[Control]:
    stack = Stack(aws)
    yield Control(aws, stack)
    stack.delete()


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def test_a_state_machine_is_updated_and_read_back(control: Control) -> None:
    """The change is drift: the next update of the stack brings its own definition."""
    machines, arn = control.aws("stepfunctions"), control.ids["Machine"]
    event = control.patched("Machine", replace("/DefinitionString", definition("second")))
    assert (event["OperationStatus"], event["Operation"], event["Identifier"]) == ("SUCCESS", "UPDATE", arn)
    assert machines.describe_state_machine(stateMachineArn=arn)["definition"] == definition("second")
    read = control.read("Machine")
    assert read["DefinitionString"] == definition("second")
    assert read["Arn"] == arn
    resources = json.loads(json.dumps(RESOURCES))
    resources["Machine"]["Properties"]["DefinitionString"] = definition("third")
    control.stack.deploy({"Resources": resources})
    assert machines.describe_state_machine(stateMachineArn=arn)["definition"] == definition("third")
    assert control.read("Machine")["DefinitionString"] == definition("third")


def test_each_type_that_the_cdk_hotswaps_is_updated_by_its_service(control: Control) -> None:
    tags = [place for place, tag in enumerate(control.read("Machine")["Tags"]) if tag["Key"] == "team"]
    assert control.patched("Machine", replace(f"/Tags/{tags[0]}/Value", "two"))["OperationStatus"] == "SUCCESS"
    found = control.aws("stepfunctions").list_tags_for_resource(resourceArn=control.ids["Machine"])["tags"]
    assert {tag["key"]: tag["value"] for tag in found}["team"] == "two"
    assert control.patched("Queue", replace("/VisibilityTimeout", 60))["OperationStatus"] == "SUCCESS"
    queue = control.aws("sqs").get_queue_attributes(QueueUrl=control.ids["Queue"], AttributeNames=["All"])
    assert queue["Attributes"]["VisibilityTimeout"] == "60"
    assert control.patched("Rule", replace("/Description", "second"))["OperationStatus"] == "SUCCESS"
    assert control.aws("events").describe_rule(Name=control.ids["Rule"])["Description"] == "second"
    added = {"op": "add", "path": "/AlarmDescription", "value": "high"}
    assert control.patched("Alarm", added, replace("/Threshold", 5))["OperationStatus"] == "SUCCESS"
    (alarm,) = control.aws("cloudwatch").describe_alarms(AlarmNames=[control.ids["Alarm"]])["MetricAlarms"]
    assert (alarm["Threshold"], alarm["AlarmDescription"]) == (5.0, "high")


REFUSED = {
    "a state machine's type": (
        replace("/StateMachineType", "EXPRESS"),
        ("InvalidRequestException", "PatchDocument: "),
    ),
    "another name": (
        {"op": "add", "path": "/StateMachineName", "value": "other"},
        ("NotUpdatableException", "Create-only properties ['StateMachineName'] cannot be updated"),
    ),
    "a property that no machine has": (
        {"op": "add", "path": "/Definitions", "value": "{}"},
        ("InvalidRequestException", "Definitions"),
    ),
    "a property that the sandbox drops": (
        {"op": "add", "path": "/EncryptionConfiguration", "value": {"Type": "AWS_OWNED_KEY"}},
        ("InvalidRequestException", "the sandbox does not implement AWS::StepFunctions::StateMachine.Encryption"),
    ),
    "an operation that no patch has": ({"op": "write", "path": "/RoleArn"}, ("InvalidRequestException", "write")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_patch_is_refused(control: Control, case: str) -> None:
    change, (code, sentence) = REFUSED[case]
    with pytest.raises(ClientError) as refused:
        control.patch("Machine", change)
    error = refused.value.response["Error"]
    assert error["Code"] == code
    assert sentence in error["Message"]


def test_a_request_that_names_nothing_is_refused(control: Control) -> None:
    api, arn = control.api, control.ids["Machine"]
    cases = (
        (lambda: api.get_resource(TypeName=MACHINE, Identifier=f"{arn}-x"), "ResourceNotFoundException"),
        (lambda: api.list_resources(TypeName="AWS::StepFunctions::Machine"), "TypeNotFoundException"),
        (lambda: api.list_resources(TypeName="AWS::RAM::ResourceShare"), "UnsupportedActionException"),
        (lambda: api.update_resource(TypeName=MACHINE, Identifier=arn, PatchDocument="{}"), "InvalidRequestException"),
        (lambda: api.update_resource(TypeName=MACHINE, Identifier=arn, PatchDocument="-"), "InvalidRequestException"),
        (lambda: api.get_resource_request_status(RequestToken="none"), "RequestTokenNotFoundException"),
        (lambda: api.create_resource(TypeName=MACHINE, DesiredState="{}"), "UnknownOperationException"),
        (lambda: api.delete_resource(TypeName=MACHINE, Identifier=arn), "UnknownOperationException"),
        (lambda: api.get_resource(TypeName=MACHINE, Identifier=arn, RoleArn=arn), "ValidationException"),
    )
    for call, code in cases:
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == code


def test_an_update_that_its_service_refuses_fails_in_its_event(control: Control) -> None:
    event = control.patched("Rule", replace("/EventPattern", {"source": "a"}))
    assert event["OperationStatus"] == "FAILED"
    assert event["StatusMessage"]


def test_a_request_sent_twice_is_done_once(control: Control) -> None:
    token, change = unique("token"), replace("/VisibilityTimeout", 90)
    first, again = (control.patch("Queue", change, ClientToken=token)["RequestToken"] for _ in range(2))
    assert first == again
    with pytest.raises(ClientError) as conflict:
        control.patch("Queue", replace("/VisibilityTimeout", 91), ClientToken=token)
    assert conflict.value.response["Error"]["Code"] == "ClientTokenConflictException"


def test_resources_are_listed_by_pages(control: Control) -> None:
    pages = control.api.get_paginator("list_resources").paginate(TypeName=MACHINE, PaginationConfig={"PageSize": 1})
    found = [each["Identifier"] for page in pages for each in page["ResourceDescriptions"]]
    assert control.ids["Machine"] in found


def test_a_caller_needs_the_permission(control: Control, iam: IamLab) -> None:
    allowed = iam.tester("cloudcontrol", allow("cloudformation:GetResource"))
    allowed.get_resource(TypeName=MACHINE, Identifier=control.ids["Machine"])
    with pytest.raises(ClientError) as denied:
        allowed.update_resource(TypeName=MACHINE, Identifier=control.ids["Machine"], PatchDocument="[]")
    assert denied.value.response["Error"]["Code"] == "AccessDeniedException"
