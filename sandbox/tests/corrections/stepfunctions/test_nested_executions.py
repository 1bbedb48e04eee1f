"""The failure of an execution that another one, or a client, waits for."""

from __future__ import annotations

import json

from botocore.config import Config
from job_lab import unique
from workflow_lab import WorkflowLab

BROKEN = {"StartAt": "End", "States": {"End": {"Type": "Fail", "Error": "Broken", "Cause": "by itself"}}}


SLOW = {"StartAt": "End", "States": {"End": {"Type": "Wait", "Seconds": 600, "End": True}}}


def machine(workflows: WorkflowLab, kind: str = "STANDARD", definition: dict = BROKEN) -> str:
    made = workflows.client.create_state_machine(
        name=unique("inner"), definition=json.dumps(definition), roleArn=workflows.role, type=kind
    )
    return made["stateMachineArn"]


def test_a_task_that_waited_describes_the_execution(workflows: WorkflowLab) -> None:
    arn = machine(workflows)
    task = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    error, cause = workflows.failure({"Nest": {**task, "Parameters": {"StateMachineArn": arn, "Input": {"a": 1}}}})
    described = json.loads(cause or "")
    assert error == "States.TaskFailed"
    assert (described["Error"], described["Cause"], described["Status"]) == ("Broken", "by itself", "FAILED")
    assert (described["StateMachineArn"], described["Input"]) == (arn, '{"a": 1}')


def test_a_task_that_waited_too_long_has_no_cause(workflows: WorkflowLab) -> None:
    arguments = {"StateMachineArn": machine(workflows, definition=SLOW)}
    task = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    states = {"Nest": {**task, "TimeoutSeconds": 1, "Parameters": arguments}}
    assert workflows.failure(states) == ("States.Timeout", None)


def test_a_client_gets_no_output(workflows: WorkflowLab) -> None:
    client = workflows.lab.aws("stepfunctions", config=Config(inject_host_prefix=False))  # sync-127.0.0.1 is no host
    answer = client.start_sync_execution(stateMachineArn=machine(workflows, "EXPRESS"))
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Broken", "by itself")
    assert "output" not in answer
