"""The members of requests that change stacks: each is done, or refused by name."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from job_lab import Lab, unique
from sandbox.corrections.cloudformation.operations.engine import Engine
from sandbox.corrections.cloudformation.operations.resource_calls import Outcome
from sandbox.corrections.cloudformation.operations.stack_policies import policy_fault, refusal
from sandbox.corrections.cloudformation.requests.request_members import MEMBERS
from stack_lab import Stack, broken, parameter
from waiting import until

LIGHT = {"Resources": {"Light": parameter()}}
SIZED = {"Parameters": {"Size": {"Type": "String", "Default": "1"}}, **LIGHT}
BODY = json.dumps(LIGHT)


@pytest.mark.parametrize("action", MEMBERS)
def test_the_table_is_closed(action: str) -> None:
    model = botocore.session.Session().get_service_model("cloudformation").operation_model(action)
    assert MEMBERS[action].keys() == model.input_shape.members.keys()


TRIGGERS = {
    "RollbackTriggers": [{"Arn": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:a", "Type": "AWS::CloudWatch::Alarm"}]
}


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (
            {"ResourceTypes": ["AWS::SSM::*"]},
            "the sandbox does not implement CreateStack.ResourceTypes; leave it out; what a stack",
        ),
        (
            {"RollbackConfiguration": TRIGGERS},
            "does not implement CreateStack.RollbackConfiguration; leave it out; no alarm",
        ),
        (
            {"RollbackConfiguration": {"MonitoringTimeInMinutes": 5}},
            "does not implement CreateStack.RollbackConfiguration",
        ),
        ({"TemplateURL": "https://s3.amazonaws.com/b/k"}, "You cannot specify both Template Body and Template URL."),
        (
            {"DeploymentConfig": {"Mode": "EXPRESS"}},
            "does not implement CreateStack.DeploymentConfig; leave it",
        ),
        ({"TemplateBody": None}, "Either Template URL or Template Body must be specified."),
        (
            {"StackPolicyBody": "{}", "StackPolicyURL": "https://s3.amazonaws.com/b/k"},
            "You cannot specify both StackPolicyBody",
        ),
        ({"StackPolicyBody": "[]"}, "Error validating stack policy: Invalid stack policy: it is no JSON object"),
        (
            {"Parameters": [{"ParameterKey": "Size", "UsePreviousValue": True}]},
            "Cannot specify UsePreviousValue on Parameters",
        ),
        ({"OnFailure": "DELETE", "DisableRollback": True}, "either DisableRollback or OnFailure, but not both"),
    ],
)
def test_refused_creation(stack: Stack, request_: dict[str, Any], sentence: str) -> None:
    stated = {"StackName": stack.name, "TemplateBody": BODY, **request_}
    request_ = {name: value for name, value in stated.items() if value is not None}
    with pytest.raises(ClientError) as refused:
        stack.api.create_stack(**request_)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert sentence in refused.value.response["Error"]["Message"]


def test_nothing_to_watch_is_accepted(stack: Stack) -> None:
    nothing = {"MonitoringTimeInMinutes": 0, "RollbackTriggers": []}
    standard = {"Mode": "STANDARD", "DisableRollback": False}
    assert stack.created(LIGHT, RollbackConfiguration=nothing, DeploymentConfig=standard) == "CREATE_COMPLETE"


PREVIOUS = {"ParameterKey": "Size", "UsePreviousValue": True}
REFUSED_CHANGES = [
    (
        {"TemplateBody": BODY, "UsePreviousTemplate": True},
        "You cannot specify both usePreviousTemplate and Template Body",
    ),
    ({}, "Either Template URL or Template Body must be specified."),
    (
        {"UsePreviousTemplate": True, "Parameters": [{**PREVIOUS, "ParameterValue": "2"}]},
        "Invalid input for parameter key Size. Cannot specify usePreviousValue as true and non empty value",
    ),
    (
        {"TemplateBody": json.dumps(SIZED), "Parameters": [{**PREVIOUS, "ParameterKey": "Colour"}]},
        "Cannot specify usePreviousValue as true for a parameter key not in the previous template",
    ),
    (
        {"UsePreviousTemplate": True, "Parameters": [{"ParameterKey": "Colour", "ParameterValue": "x"}]},
        "Parameters: [Colour] do not exist",
    ),
]


@pytest.mark.parametrize("action", ["update_stack", "create_change_set"])
@pytest.mark.parametrize(("request_", "sentence"), REFUSED_CHANGES)
def test_refused_change(sized: Stack, action: str, request_: dict[str, Any], sentence: str) -> None:
    named = {"ChangeSetName": unique("c")} if action == "create_change_set" else {}
    with pytest.raises(ClientError) as refused:
        getattr(sized.api, action)(StackName=sized.name, **named, **request_)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert sentence in refused.value.response["Error"]["Message"]


@pytest.fixture(scope="module")
def sized(aws: Any) -> Stack:
    stack = Stack(aws)
    assert stack.created(SIZED) == "CREATE_COMPLETE"
    return stack


def test_refused_change_set(sized: Stack) -> None:
    with pytest.raises(ClientError, match=r"does not implement CreateChangeSet\.DeploymentMode; leave it out"):
        sized.change_set(SIZED, DeploymentMode="REVERT_DRIFT")
    with pytest.raises(ClientError, match="Cannot specify usePreviousTemplate as true for a changeSetType CREATE"):
        sized.api.create_change_set(
            StackName=unique("new"), ChangeSetName="c", ChangeSetType="CREATE", UsePreviousTemplate=True
        )


@pytest.mark.parametrize(
    ("declaration", "given", "sentence"),
    [
        ({"AllowedValues": [True, False]}, "yes", "Parameter 'P' must be one of AllowedValues"),
        ({"AllowedPattern": "[a-z]+"}, "A", "Parameter 'P' must match pattern [a-z]+"),
        ({"MinLength": 2}, "a", "Parameter 'P' must contain at least 2 characters"),
        ({"MaxLength": "2"}, "abc", "Parameter 'P' must contain at most 2 characters"),
    ],
)
def test_refused_values(stack: Stack, declaration: dict[str, Any], given: str, sentence: str) -> None:
    template = {"Parameters": {"P": {"Type": "String", **declaration}}, **LIGHT}
    value = [{"ParameterKey": "P", "ParameterValue": given}]
    with pytest.raises(ClientError) as refused:
        stack.create(template, Parameters=value)
    assert sentence in refused.value.response["Error"]["Message"]


@pytest.mark.parametrize("count", [("Resources", 500), ("Outputs", 200), ("Parameters", 200)])
def test_counts(stack: Stack, count: tuple[str, int]) -> None:
    section, most = count
    entry = {"Outputs": {"Value": "1"}, "Parameters": {"Type": "String", "Default": "1"}}.get(section, parameter())
    template = {**LIGHT, section: {f"A{number}": entry for number in range(most + 1)}}
    with pytest.raises(ClientError, match=rf"{most + 1}, is greater than maximum allowed, {most}"):
        stack.api.create_stack(StackName=stack.name, TemplateBody=json.dumps(template, separators=(",", ":")))


def test_sizes(stack: Stack, lab: Lab) -> None:
    big = {**LIGHT, "Metadata": {"A": "x" * 1_000_000}}
    with pytest.raises(ClientError, match="Member must have length less than or equal to 51200"):
        stack.create(big)
    lab.s3.put_object(Bucket=lab.bucket, Key="big.json", Body=json.dumps(big))
    with pytest.raises(ClientError, match="Template may not exceed 1000000 bytes in size"):
        stack.api.create_stack(StackName=stack.name, TemplateURL=f"https://s3.amazonaws.com/{lab.bucket}/big.json")


def test_capabilities(stack: Stack) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    named = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": unique("r"), "AssumeRolePolicyDocument": trust}}
    for template, wanted in (
        ({"Resources": {"Role": named}}, r"Requires capabilities : \[CAPABILITY_NAMED_IAM\]"),
        ({"Transform": "AWS::LanguageExtensions", **LIGHT}, r"Requires capabilities : \[CAPABILITY_AUTO_EXPAND\]"),
    ):
        with pytest.raises(ClientError, match=wanted) as refused:
            stack.api.create_stack(
                StackName=stack.name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
            )
        assert refused.value.response["Error"]["Code"] == "InsufficientCapabilitiesException"


def test_on_failure(stack: Stack) -> None:
    stack_id = stack.create({"Resources": {"Bad": broken()}}, OnFailure="DELETE")
    until(lambda: stack.api.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE")
    other = Stack(lambda _: stack.api)
    assert other.created({"Resources": {"Bad": broken()}}, OnFailure="DO_NOTHING") == "CREATE_FAILED"
    assert other.updated(LIGHT) == "UPDATE_COMPLETE"


def test_ssm_parameters_are_described_with_their_name_and_value(aws: Any, stack: Stack) -> None:
    name = f"/{unique('visibility')}"
    aws("ssm").put_parameter(Name=name, Value="47", Type="String")
    declared = {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}}
    assert stack.created({"Parameters": declared, **LIGHT}) == "CREATE_COMPLETE"
    wanted = [{"ParameterKey": "P", "ParameterValue": name, "ResolvedValue": "47"}]
    assert stack.describe()["Parameters"] == wanted


def test_events_are_published_to_topics(aws: Any, stack: Stack) -> None:
    sns, sqs, name = aws("sns"), aws("sqs"), unique("events")
    topic, queue = sns.create_topic(Name=name)["TopicArn"], sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    topics = {"Fn::Join": [",", {"Ref": "AWS::NotificationARNs"}]}
    assert stack.created({"Resources": {"Light": parameter(topics)}}, NotificationARNs=[topic]) == "CREATE_COMPLETE"
    assert stack.describe()["NotificationARNs"] == [topic]
    assert aws("ssm").get_parameter(Name=stack.resources()["Light"])["Parameter"]["Value"] == topic
    heard: list[str] = []

    def is_complete() -> bool:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        heard.extend(json.loads(each["Body"])["Message"] for each in messages)
        return any("ResourceStatus='CREATE_COMPLETE'" in each and "CloudFormation::Stack" in each for each in heard)

    until(is_complete)
    assert any("LogicalResourceId='Light'" in each for each in heard)
    assert any("ResourceStatus='CREATE_IN_PROGRESS'" in each and "'User Initiated'" in each for each in heard)


class Forever:
    """A type with resources that are never ready."""

    def __init__(self) -> None:
        self._halted = asyncio.Event()

    async def create(self, *_: Any) -> Outcome:
        await self._halted.wait()
        raise ValueError("halted")

    def halt(self, *_: Any) -> None:
        self._halted.set()

    async def clean_up(self, _: str) -> None: ...


def test_creation_ends_with_its_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    from ministack.services import cloudformation
    from ministack.services.cloudformation import provisioners

    async def run() -> dict[str, Any]:
        monkeypatch.setitem(provisioners._RESOURCE_HANDLERS, "Test::Slow::Thing", {"nested": Forever()})
        stack = {"StackName": "slow", "StackId": "arn:slow", "StackStatus": "CREATE_IN_PROGRESS", "TimeoutInMinutes": 3}
        cloudformation._stacks["slow"] = stack
        template = {"Resources": {"Thing": {"Type": "Test::Slow::Thing"}}}
        await Engine(minute=0.01).deploy("slow", "arn:slow", template, {}, disable_rollback=True, tags=[])
        return stack

    ended = asyncio.run(run())
    assert ended["StackStatus"] == "CREATE_FAILED"
    assert ended["StackStatusReason"] == "Stack creation time exceeded the specified timeout."


def statement(effect: str, action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Principal": "*", "Resource": resource, **more}


ALL = statement("Allow", "Update:*", "*")
OF_TYPE = {"Condition": {"StringEquals": {"ResourceType": ["AWS::SSM::Parameter"]}}}


@pytest.mark.parametrize(
    ("statements", "wanted"),
    [
        ([ALL], ""),
        (
            [],
            "Action not allowed by stack policy: no statement allows [Update:Modify]",
        ),
        (
            [ALL, statement("Deny", "Update:*", "LogicalResourceId/Li*")],
            "Action denied by stack policy: Statement [#2] does not allow [Update:Modify]",
        ),
        ([ALL, statement("Deny", "Update:Replace", "*")], ""),
        ([ALL, statement("Deny", "Update:Modify", "LogicalResourceId/Other")], ""),
        ([ALL, statement("Deny", "Update:Modify", "*", **OF_TYPE)], "Action denied by stack policy: Statement [#2]"),
        (
            [
                ALL,
                {
                    "Effect": "Deny",
                    "NotAction": "Update:Delete",
                    "Principal": "*",
                    "NotResource": "LogicalResourceId/X",
                },
            ],
            "Action denied",
        ),
    ],
)
def test_policies(statements: list[dict[str, Any]], wanted: str) -> None:
    found = refusal(json.dumps({"Statement": statements}), "Update:Modify", "Light", "AWS::SSM::Parameter")
    assert found.startswith(wanted)
    assert bool(found) == bool(wanted)


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ("no", "it is no JSON object with a Statement"),
        ({"Statement": ["a"]}, "statement 1 is no object"),
        ({"Statement": [ALL, {**ALL, "Effect": "Maybe"}]}, "statement 2: Effect must be Allow or Deny"),
        ({"Statement": {**ALL, "NotAction": "Update:*"}}, "statement 1 must have either Action or NotAction"),
        ({"Statement": {**ALL, "Principal": "me"}}, "statement 1: Principal must be *"),
        ({"Statement": {**ALL, "Condition": {"Bool": {"a": "b"}}}}, "statement 1: Condition may be StringEquals"),
    ],
)
def test_refused_policies(policy: Any, sentence: str) -> None:
    assert policy_fault(policy if isinstance(policy, str) else json.dumps(policy)).startswith(sentence)


def test_update_under_a_policy(aws: Any, stack: Stack) -> None:
    policy = json.dumps({"Statement": [ALL, statement("Deny", "Update:*", "LogicalResourceId/Kept")]})
    first = {"Resources": {"Kept": parameter(), "Free": parameter()}}
    assert stack.created(first, StackPolicyBody=policy) == "CREATE_COMPLETE"
    changed = {"Resources": {"Kept": parameter("2"), "Free": parameter("2")}}
    assert stack.updated(changed) == "UPDATE_ROLLBACK_COMPLETE"
    reason = "Statement [#2] does not allow [Update:Modify] for resource [LogicalResourceId/Kept];"
    assert stack.reason("Kept", "UPDATE_FAILED") == f"Action denied by stack policy: {reason}"
    assert stack.updated({"Resources": {"Free": parameter("2")}}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "[Update:Delete]" in stack.reason("Kept", "UPDATE_FAILED")
    assert stack.updated({"Resources": {"Kept": parameter(), "Free": parameter("2")}}) == "UPDATE_COMPLETE"
    allowing = json.dumps({"Statement": [ALL]})
    assert stack.updated(changed, StackPolicyDuringUpdateBody=allowing) == "UPDATE_COMPLETE"
    assert stack.changed(first) == "UPDATE_ROLLBACK_COMPLETE"
    stack.api.set_stack_policy(StackName=stack.name, StackPolicyBody=allowing)
    assert stack.updated(first) == "UPDATE_COMPLETE"
