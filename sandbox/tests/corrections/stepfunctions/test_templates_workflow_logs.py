"""The log group of a state machine in a template."""

from __future__ import annotations

import json
from typing import Any

import pytest
from job_lab import ended_execution
from template_lab import Stack, Template, resource, template
from waiting import until

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:states:us-east-1:000000000000:stateMachine:*"}},
        }
    ],
}
LOGGING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}],
}


def logged(level: str, **state: Any) -> Template:
    logging = {
        "Level": level,
        "IncludeExecutionData": level == "ALL",
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Log", "Arn"]}}}],
    }
    role = resource(
        "AWS::IAM::Role",
        AssumeRolePolicyDocument=TRUST,
        Policies=[{"PolicyName": "logs", "PolicyDocument": LOGGING}],
    )
    machine = resource(
        "AWS::StepFunctions::StateMachine",
        RoleArn={"Fn::GetAtt": ["Role", "Arn"]},
        Definition={"StartAt": "Only", "States": {"Only": state}},
        LoggingConfiguration=logging,
    )
    return template(Role=role, Log=resource("AWS::Logs::LogGroup"), Machine=machine)


@pytest.mark.parametrize(
    ("level", "state", "expected"),
    [
        ("ALL", {"Type": "Succeed"}, ["ExecutionStarted", "SucceedStateEntered", "SucceedStateExited"]),
        ("ERROR", {"Type": "Fail"}, ["FailStateEntered", "ExecutionFailed"]),
        ("FATAL", {"Type": "Fail"}, ["ExecutionFailed"]),
        ("OFF", {"Type": "Succeed"}, []),
    ],
)
def test_events_by_level(stack: Stack, level: str, state: dict[str, str], expected: list[str]) -> None:
    stack.deploy(logged(level, **state))
    states, logs = stack.aws("stepfunctions"), stack.aws("logs")
    started = states.start_execution(stateMachineArn=stack.physical_id("Machine"), input='{"colour": "red"}')
    ended_execution(states, started["executionArn"])
    group, found = stack.physical_id("Log"), []

    def logged_all() -> bool:
        found[:] = logs.filter_log_events(logGroupName=group)["events"]
        return len(found) >= len(expected)

    until(logged_all)
    entries = [json.loads(event["message"]) for event in found]
    assert [entry["type"] for entry in entries][: len(expected)] == expected
    assert bool(entries) == bool(expected)
    assert {entry["execution_arn"] for entry in entries} <= {started["executionArn"]}
    if level == "ALL":
        assert entries[0]["details"]["input"] == '{"colour": "red"}'
