"""The end of an execution by any cause, which ends its jobs, and its history."""

from __future__ import annotations

import json
from typing import Any

from job_lab import Lab, ended_execution, trust, unique
from waiting import until

TRUST = trust("states.amazonaws.com")
WAITS = "import time; print('ready'); time.sleep(600)"
AGAIN = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "IntervalSeconds": 1}
CAUGHT = {"ErrorEquals": ["States.ALL"], "Next": "Caught"}


class Machine:
    """A state machine, and its execution once it is started."""

    def __init__(self, lab: Lab, role: str, definition: dict[str, Any]) -> None:
        self.client = lab.aws("stepfunctions")
        self.arn = self.client.create_state_machine(
            name=unique("abort"), definition=json.dumps(definition), roleArn=role
        )["stateMachineArn"]
        self.execution = ""

    def start(self) -> Machine:
        self.execution = self.client.start_execution(stateMachineArn=self.arn)["executionArn"]
        return self

    def ended(self) -> dict[str, Any]:
        return ended_execution(self.client, self.execution)

    def history(self) -> list[dict[str, Any]]:
        return self.client.get_execution_history(executionArn=self.execution)["events"]


def task(request: dict[str, Any], **members: Any) -> dict[str, Any]:
    kind = "Training" if "TrainingJobName" in request else "Processing"
    resource = f"arn:aws:states:::sagemaker:create{kind}Job.sync"
    return {"Type": "Task", "Resource": resource, "Parameters": request, "End": True, **members}


def of_one(state: dict[str, Any], **members: Any) -> dict[str, Any]:
    states = {"Job": state} | ({"Caught": {"Type": "Pass", "End": True}} if "Catch" in state else {})
    return {"StartAt": "Job", "States": states, **members}


def await_container(lab: Lab, name: str) -> None:
    """Until the job exists and its container runs."""
    until(lambda: lab.sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"])
    lab.await_training(name)


def test_an_abort_stops_the_job_and_nothing_is_tried_again(lab: Lab, role: str) -> None:
    request = lab.training(WAITS)
    machine = Machine(lab, role, of_one(task(request, Retry=[AGAIN], Catch=[CAUGHT]))).start()
    await_container(lab, request["TrainingJobName"])
    machine.client.stop_execution(executionArn=machine.execution, error="Enough", cause="by hand")
    assert lab.trained(request["TrainingJobName"])["TrainingJobStatus"] == "Stopped"
    assert machine.ended()["status"] == "ABORTED"
    kinds = [event["type"] for event in machine.history()]
    assert kinds == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "ExecutionAborted",
    ]


def test_a_role_that_may_not_stop_jobs_leaves_them_running(lab: Lab) -> None:
    cautious = lab.make_role(TRUST)
    deny = {"Effect": "Deny", "Action": "sagemaker:StopTrainingJob", "Resource": "*"}
    lab.aws("iam").put_role_policy(
        RoleName=cautious.rpartition("/")[2],
        PolicyName="no-stop",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
    )
    request = lab.training("import time; time.sleep(3)")
    machine = Machine(lab, cautious, of_one(task(request))).start()
    await_container(lab, request["TrainingJobName"])
    machine.client.stop_execution(executionArn=machine.execution)
    assert machine.ended()["status"] == "ABORTED"
    assert lab.trained(request["TrainingJobName"])["TrainingJobStatus"] == "Completed"


def test_a_task_out_of_time_stops_its_job(lab: Lab, role: str) -> None:
    request = lab.training(WAITS)
    machine = Machine(lab, role, of_one(task(request, TimeoutSeconds=2))).start()
    ended = machine.ended()
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    assert lab.trained(request["TrainingJobName"])["TrainingJobStatus"] == "Stopped"
    assert "TaskTimedOut" in [event["type"] for event in machine.history()]


def test_an_execution_out_of_time_stops_its_job(lab: Lab, role: str) -> None:
    request = lab.training(WAITS)
    machine = Machine(lab, role, of_one(task(request, Catch=[CAUGHT]), TimeoutSeconds=2)).start()
    assert machine.ended()["status"] == "TIMED_OUT"
    assert lab.trained(request["TrainingJobName"])["TrainingJobStatus"] == "Stopped"
    assert machine.history()[-1]["type"] == "ExecutionTimedOut"


def test_a_branch_that_fails_stops_the_jobs_of_the_others(lab: Lab, role: str) -> None:
    request = lab.training(WAITS)
    fails = {
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "Seconds": 2, "Next": "Fail"},
            "Fail": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"},
        },
    }
    waits = {"StartAt": "Long", "States": {"Long": {"Type": "Wait", "Seconds": 60, "End": True}}}
    branches = [of_one(task(request, Retry=[AGAIN], Catch=[CAUGHT])), fails, waits]
    definition = {"StartAt": "All", "States": {"All": {"Type": "Parallel", "Branches": branches, "End": True}}}
    ended = Machine(lab, role, definition).start().ended()
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "Broken", "on purpose")
    assert lab.trained(request["TrainingJobName"])["TrainingJobStatus"] == "Stopped"


def test_an_abort_reaches_nested_executions(lab: Lab, role: str) -> None:
    request = lab.training(WAITS)
    child = Machine(lab, role, of_one(task(request)))
    nested = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child.arn, "Input": {}},
        "End": True,
    }
    parent = Machine(lab, role, {"StartAt": "Child", "States": {"Child": nested}}).start()
    await_container(lab, request["TrainingJobName"])
    (running,) = parent.client.list_executions(stateMachineArn=child.arn)["executions"]
    parent.client.stop_execution(executionArn=parent.execution)
    assert lab.trained(request["TrainingJobName"])["TrainingJobStatus"] == "Stopped"
    assert parent.client.describe_execution(executionArn=running["executionArn"])["status"] == "ABORTED"
    assert parent.ended()["status"] == "ABORTED"


def test_the_history_of_a_job_that_completes(lab: Lab, role: str) -> None:
    request = lab.processing("")
    machine = Machine(lab, role, of_one(task(request))).start()
    assert machine.ended()["status"] == "SUCCEEDED"
    events = machine.history()
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    scheduled = events[2]["taskScheduledEventDetails"]
    assert (scheduled["resourceType"], scheduled["resource"]) == ("sagemaker", "createProcessingJob.sync")
    assert json.loads(scheduled["parameters"])["ProcessingJobName"] == request["ProcessingJobName"]
    assert scheduled["region"] == "us-east-1"
    submitted = json.loads(events[4]["taskSubmittedEventDetails"]["output"])
    assert submitted["ProcessingJobArn"].endswith(f":processing-job/{request['ProcessingJobName']}")
