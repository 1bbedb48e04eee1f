"""Tasks that wait for a token: heartbeats, timeouts, activities and the end of their execution."""

from __future__ import annotations

import json
from typing import Any

import pytest
from job_lab import ended_execution, unique
from waiting import until
from workflow_lab import WorkflowLab

TOKEN = "{% $states.context.Task.Token %}"


@pytest.fixture
def queue(aws: Any) -> str:
    return aws("sqs").create_queue(QueueName=unique("queue"))["QueueUrl"]


def waiting(queue: str, **members: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {"QueueUrl": queue, "MessageBody": TOKEN},
        "End": True,
        **members,
    }


def token(aws: Any, queue: str) -> str:
    messages = until(lambda: aws("sqs").receive_message(QueueUrl=queue).get("Messages"))
    return messages[0]["Body"]


def test_a_task_without_heartbeats_times_out(workflows: WorkflowLab, queue: str) -> None:
    arn = workflows.start({"Ask": waiting(queue, HeartbeatSeconds=1)}, QueryLanguage="JSONata")
    ended = ended_execution(workflows.client, arn)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    assert "cause" not in ended
    kinds = [event["type"] for event in workflows.events(arn)]
    assert kinds[2:] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskTimedOut", "ExecutionFailed"]
    assert workflows.events(arn)[2]["taskScheduledEventDetails"]["heartbeatInSeconds"] == 1


@pytest.mark.parametrize(
    ("name", "caught"),
    [("States.HeartbeatTimeout", True), ("States.Timeout", True), ("States.ALL", True), ("States.TaskFailed", False)],
)
def test_a_missed_heartbeat_is_caught_by_its_names(workflows: WorkflowLab, queue: str, name: str, caught: bool) -> None:
    catch = [{"ErrorEquals": [name], "Next": "Caught"}]
    states = {
        "Ask": waiting(queue, HeartbeatSeconds=1, Catch=catch),
        "Caught": {"Type": "Pass", "End": True},
    }
    assert (workflows.run(states, QueryLanguage="JSONata")["status"] == "SUCCEEDED") == caught


def test_heartbeats_keep_a_task_alive(workflows: WorkflowLab, aws: Any, queue: str) -> None:
    arn = workflows.start({"Ask": waiting(queue, HeartbeatSeconds=4)}, QueryLanguage="JSONata")
    its = token(aws, queue)
    workflows.client.send_task_heartbeat(taskToken=its)
    workflows.client.send_task_success(taskToken=its, output='{"a": 1}')
    assert json.loads(ended_execution(workflows.client, arn)["output"]) == {"a": 1}


def test_a_task_that_waits_ends_with_its_execution(workflows: WorkflowLab, aws: Any, queue: str) -> None:
    arn = workflows.start({"Ask": waiting(queue)}, QueryLanguage="JSONata")
    its = token(aws, queue)
    workflows.client.stop_execution(executionArn=arn)
    gone = workflows.client.exceptions.TaskDoesNotExist

    def refused() -> bool:
        try:
            workflows.client.send_task_heartbeat(taskToken=its)
        except gone:
            return True
        return False

    until(refused)


def test_an_activity_s_times_begin_with_its_worker(workflows: WorkflowLab) -> None:
    activity = workflows.client.create_activity(name=unique("activity"))["activityArn"]
    state = {"Type": "Task", "Resource": activity, "TimeoutSeconds": 60, "HeartbeatSeconds": 1, "End": True}
    arn = workflows.start({"Work": state}, {"x": 1})
    task = workflows.client.get_activity_task(activityArn=activity, workerName="worker")
    assert json.loads(task["input"]) == {"x": 1}
    ended = ended_execution(workflows.client, arn)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    events = workflows.events(arn)
    assert [event["type"] for event in events[2:]] == [
        "ActivityScheduled",
        "ActivityStarted",
        "ActivityTimedOut",
        "ExecutionFailed",
    ]
    assert events[3]["activityStartedEventDetails"] == {"workerName": "worker"}
