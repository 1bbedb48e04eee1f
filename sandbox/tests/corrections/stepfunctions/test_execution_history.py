"""The history of executions: kinds, ids and details as localstack recorded them from AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest
from job_lab import ended_execution
from workflow_lab import WorkflowLab

PASS = {"Type": "Pass", "End": True}


def fail(error: str) -> dict[str, Any]:
    return {"Type": "Fail", "Error": error, "Cause": "because"}


def mapped(**members: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": {"StartAt": "In", "States": {"In": PASS}}, "End": True, **members}


def parallel(*branches: dict, **members: Any) -> dict[str, Any]:
    return {
        "Type": "Parallel",
        "Branches": [{"StartAt": f"In{n}", "States": {f"In{n}": state}} for n, state in enumerate(branches)],
        "End": True,
        **members,
    }


def test_events_of_simple_states(workflows: WorkflowLab) -> None:
    states = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Wait", "Seconds": 0, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "A"}], "Default": "D"},
        "D": {"Type": "Succeed"},
    }
    assert workflows.history(states) == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "PassStateEntered"),
        (3, 2, "PassStateExited"),
        (4, 3, "WaitStateEntered"),
        (5, 4, "WaitStateExited"),
        (6, 5, "ChoiceStateEntered"),
        (7, 6, "ChoiceStateExited"),
        (8, 7, "SucceedStateEntered"),
        (9, 8, "SucceedStateExited"),
        (10, 9, "ExecutionSucceeded"),
    ]


def test_events_of_a_map_one_after_the_other(workflows: WorkflowLab) -> None:
    assert workflows.history({"Map": mapped(MaxConcurrency=1)}, ["a", "b"]) == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "MapStateEntered"),
        (3, 2, "MapStateStarted"),
        (4, 3, "MapIterationStarted"),
        (5, 4, "PassStateEntered"),
        (6, 5, "PassStateExited"),
        (7, 6, "MapIterationSucceeded"),
        (8, 6, "MapIterationStarted"),
        (9, 8, "PassStateEntered"),
        (10, 9, "PassStateExited"),
        (11, 10, "MapIterationSucceeded"),
        (12, 11, "MapStateSucceeded"),
        (13, 11, "MapStateExited"),
        (14, 13, "ExecutionSucceeded"),
    ]


def test_events_of_a_map_that_is_caught(workflows: WorkflowLab) -> None:
    state = mapped(
        ItemProcessor={"StartAt": "In", "States": {"In": fail("Broken")}},
        Catch=[{"ErrorEquals": ["Broken"], "Next": "After"}],
    )
    assert workflows.history({"Map": state, "After": PASS}, [1]) == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "MapStateEntered"),
        (3, 2, "MapStateStarted"),
        (4, 3, "MapIterationStarted"),
        (5, 4, "FailStateEntered"),
        (6, 5, "MapIterationFailed"),
        (7, 5, "MapStateFailed"),
        (8, 7, "MapStateExited"),
        (9, 8, "PassStateEntered"),
        (10, 9, "PassStateExited"),
        (11, 10, "ExecutionSucceeded"),
    ]


def test_events_of_branches_follow_their_own(workflows: WorkflowLab) -> None:
    arn = workflows.start({"Both": parallel(PASS, PASS)})
    ended_execution(workflows.client, arn)
    events = {event["id"]: event for event in workflows.events(arn)}
    assert [event["type"] for event in events.values()][:3] == [
        "ExecutionStarted",
        "ParallelStateEntered",
        "ParallelStateStarted",
    ]
    left = [event for event in events.values() if event["type"] == "PassStateExited"]
    assert len(left) == 2
    for event in left:
        entered = events[event["previousEventId"]]
        assert entered["stateEnteredEventDetails"]["name"] == event["stateExitedEventDetails"]["name"]
        assert entered["previousEventId"] == 3
    last = [(event["id"], event["previousEventId"], event["type"]) for event in events.values()][-3:]
    assert last == [(8, 7, "ParallelStateSucceeded"), (9, 7, "ParallelStateExited"), (10, 9, "ExecutionSucceeded")]


def test_events_of_a_parallel_state_that_is_retried(workflows: WorkflowLab) -> None:
    retry = [{"ErrorEquals": ["Broken"], "IntervalSeconds": 1, "MaxAttempts": 1, "MaxDelaySeconds": 2}]
    assert workflows.history({"Both": parallel(fail("Broken"), Retry=retry)}) == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "ParallelStateEntered"),
        (3, 2, "ParallelStateStarted"),
        (4, 3, "FailStateEntered"),
        (5, 4, "ParallelStateStarted"),
        (6, 5, "FailStateEntered"),
        (7, 6, "ParallelStateFailed"),
        (8, 7, "ExecutionFailed"),
    ]


def test_an_expression_that_fails_has_an_event(workflows: WorkflowLab) -> None:
    arn = workflows.start({"First": {**PASS, "Output": "{% $no %}"}}, QueryLanguage="JSONata")
    ended_execution(workflows.client, arn)
    event = workflows.events(arn)[2]
    assert event["type"] == "EvaluationFailed"
    details = event["evaluationFailedEventDetails"]
    assert (details["error"], details["location"], details["state"]) == (
        "States.QueryEvaluationError",
        "Output",
        "First",
    )


def test_details_of_a_task_and_of_variables(workflows: WorkflowLab) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
        "Parameters": {"Bucket": workflows.lab.bucket},
        "TimeoutSeconds": 60,
        "ResultSelector": {"bucket.$": "$.Name"},
        "Assign": {"count.$": "$.KeyCount"},
        "End": True,
    }
    arn = workflows.start({"List": task})
    ended_execution(workflows.client, arn)
    _, _, scheduled, started, succeeded, left, _ = workflows.events(arn)
    named = {"resourceType": "aws-sdk:s3", "resource": "listObjectsV2"}
    details = scheduled["taskScheduledEventDetails"]
    assert details.items() >= named.items()
    assert json.loads(details["parameters"]) == task["Parameters"]
    assert (details["timeoutInSeconds"], details["region"]) == (60, "us-east-1")
    assert started["taskStartedEventDetails"] == named
    assert succeeded["taskSucceededEventDetails"].items() >= named.items()
    assert left["stateExitedEventDetails"]["assignedVariables"] == {"count": "0"}


@pytest.mark.parametrize("reverse", [False, True])
def test_pages_of_a_history(workflows: WorkflowLab, reverse: bool) -> None:
    arn = workflows.start({"First": PASS})
    ended_execution(workflows.client, arn)
    pages, token = [], {}
    while True:
        page = workflows.client.get_execution_history(
            executionArn=arn, maxResults=3, reverseOrder=reverse, includeExecutionData=False, **token
        )
        pages.append([event["id"] for event in page["events"]])
        assert all("input" not in event.get("stateEnteredEventDetails", {}) for event in page["events"])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert pages == ([[4, 3, 2], [1]] if reverse else [[1, 2, 3], [4]])
