"""The failure of an execution that another one, or a client, waits for."""

from __future__ import annotations

import json

from botocore.config import Config
from job_lab import unique
from workflow_lab import WorkflowLab

BROKEN = {"StartAt": "End", "States": {"End": {"Type": "Fail", "Error": "Broken", "Cause": "by itself"}}}


def machine(workflows: WorkflowLab, kind: str = "STANDARD") -> str:
    made = workflows.client.create_state_machine(
        name=unique("inner"), definition=json.dumps(BROKEN), roleArn=workflows.role, type=kind
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


def test_a_client_gets_no_output(workflows: WorkflowLab) -> None:
    client = workflows.lab.aws("stepfunctions", config=Config(inject_host_prefix=False))  # sync-127.0.0.1 is no host
    answer = client.start_sync_execution(stateMachineArn=machine(workflows, "EXPRESS"))
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Broken", "by itself")
    assert "output" not in answer
