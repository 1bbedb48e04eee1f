"""Rules and schedules that would never fire or reach a target: refused by the API and in stacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack_lab import Stack

Aws = Callable[[str], Any]
QUEUE = "arn:aws:sqs:us-east-1:000000000000:absent"
LOGS = "arn:aws:logs:us-east-1:000000000000:log-group:absent"
ROLE = "arn:aws:iam::000000000000:role/absent"


@pytest.fixture
def stack(aws: Aws) -> Iterator[Stack]:
    created = Stack(aws)
    yield created
    created.deleted()


def schedule(**changed: Any) -> dict[str, Any]:
    target = {"Arn": QUEUE, "RoleArn": ROLE}
    return {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target, **changed}


REFUSED_SCHEDULES = [
    (schedule(ScheduleExpression="every tuesday"), "Invalid Schedule Expression every tuesday: write rate"),
    (schedule(ScheduleExpression="at(tuesday)"), "Invalid Schedule Expression at"),
    (
        schedule(ScheduleExpressionTimezone="Europe/Berlin"),
        "Timezone Europe/Berlin: the sandbox fires schedules in UTC",
    ),
    (schedule(Target={"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "RoleArn": ROLE}), "invokes targets of"),
]


@pytest.mark.parametrize(("request_", "fault"), REFUSED_SCHEDULES)
def test_a_schedule_that_never_fires_is_refused(aws: Aws, request_: dict[str, Any], fault: str) -> None:
    with pytest.raises(ClientError, match=fault):
        aws("scheduler").create_schedule(Name="never", **request_)


@pytest.mark.parametrize(("properties", "fault"), REFUSED_SCHEDULES)
def test_a_schedule_of_a_stack_is_refused_likewise(stack: Stack, properties: dict[str, Any], fault: str) -> None:
    wanted = {"Type": "AWS::Scheduler::Schedule", "Properties": properties}
    assert stack.created({"Resources": {"Never": wanted}}) == "ROLLBACK_COMPLETE"
    assert fault in stack.reason("Never", "CREATE_FAILED")


def test_a_schedule_takes_over_no_other_s_name(aws: Aws, stack: Stack) -> None:
    aws("scheduler").create_schedule(Name="taken", **schedule())
    wanted = {"Type": "AWS::Scheduler::Schedule", "Properties": {"Name": "taken", **schedule()}}
    assert stack.created({"Resources": {"Second": wanted}}) == "ROLLBACK_COMPLETE"
    assert "already exists" in stack.reason("Second", "CREATE_FAILED")
    aws("scheduler").delete_schedule(Name="taken")


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        ({"ScheduleExpression": "rate(one day)"}, "ScheduleExpression is not valid: rate(one day); write rate"),
        ({"EventPattern": {"source": "text"}}, "InvalidEventPatternException"),
        ({"EventPattern": {"source": ["a"]}, "EventBusName": "absent"}, "Event bus absent does not exist"),
        (
            {"ScheduleExpression": "rate(1 day)", "Targets": [{"Id": "a", "Arn": LOGS}]},
            "the sandbox invokes targets of events, lambda, sns, sqs, states only",
        ),
    ],
)
def test_a_rule_of_a_stack_that_never_fires_is_refused(stack: Stack, properties: dict[str, Any], fault: str) -> None:
    wanted = {"Type": "AWS::Events::Rule", "Properties": properties}
    assert stack.created({"Resources": {"Never": wanted}}) == "ROLLBACK_COMPLETE"
    assert fault in stack.reason("Never", "CREATE_FAILED")


def test_a_target_that_is_never_invoked_is_refused(aws: Aws) -> None:
    events = aws("events")
    events.put_rule(Name="never", ScheduleExpression="rate(1 day)", State="DISABLED")
    with pytest.raises(ClientError, match="the sandbox invokes targets of"):
        events.put_targets(Rule="never", Targets=[{"Id": "a", "Arn": LOGS}])
    events.delete_rule(Name="never")


@pytest.mark.parametrize(
    ("type_name", "properties", "fault"),
    [
        (
            "AWS::Logs::SubscriptionFilter",
            {"LogGroupName": "g", "FilterPattern": "", "DestinationArn": "arn:aws:kinesis:us-east-1:1:stream/s"},
            "delivers log events to Lambda functions only",
        ),
        (
            "AWS::DynamoDB::GlobalTable",
            {
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "Replicas": [{"Region": "us-east-1"}, {"Region": "eu-west-1"}],
            },
            "Replicas in us-east-1, eu-west-1: the sandbox keeps a global table in one region only",
        ),
    ],
)
def test_what_nothing_is_delivered_to(stack: Stack, type_name: str, properties: dict[str, Any], fault: str) -> None:
    assert stack.created({"Resources": {"It": {"Type": type_name, "Properties": properties}}}) == "ROLLBACK_COMPLETE"
    assert fault in stack.reason("It", "CREATE_FAILED")
