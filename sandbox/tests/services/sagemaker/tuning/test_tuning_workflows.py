"""Tuning jobs as tasks of a state machine, their events, and their callers' permissions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from iam_lab import ACCOUNT, IamLab, allow, refusal, sagemaker_arn
from job_lab import await_status, let_events_send, trust, unique
from tuning_lab import TuningLab

ONE = {"ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}}
ENDLESS = "import time; print('metric loss=1', flush=True); time.sleep(300)"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerTuningJobsRule"
TASK = "createHyperParameterTuningJob"


@pytest.fixture(scope="module")
def lab(aws: Any) -> TuningLab:
    return TuningLab(aws)


def start(lab: TuningLab, role: str, resource: str, arguments: dict[str, Any]) -> str:
    """The ARN of an execution of one task."""
    task = {"Type": "Task", "Resource": f"arn:aws:states:::sagemaker:{resource}", "End": True, "Parameters": arguments}
    client = lab.aws("stepfunctions")
    machine = client.create_state_machine(
        name=unique("tuning"), definition=json.dumps({"StartAt": "Tune", "States": {"Tune": task}}), roleArn=role
    )
    return str(client.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"])


def ended(lab: TuningLab, execution: str) -> dict[str, Any]:
    def describe() -> dict[str, Any]:
        return lab.aws("stepfunctions").describe_execution(executionArn=execution)  # type: ignore[no-any-return]

    return await_status(describe, "status", ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"))


def test_sync_gives_the_description(lab: TuningLab) -> None:
    request = lab.tuning(config=ONE)
    found = ended(lab, start(lab, lab.make_role(trust("states.amazonaws.com")), f"{TASK}.sync", request))
    assert found["status"] == "SUCCEEDED", found
    job, described = json.loads(found["output"]), lab.described(request["HyperParameterTuningJobName"])
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    best = described["BestTrainingJob"]
    assert job["BestTrainingJob"]["TunedHyperParameters"] == best["TunedHyperParameters"]
    assert job["BestTrainingJob"]["CreationTime"] == round(best["CreationTime"].timestamp() * 1000)
    assert job["TrainingJobStatusCounters"]["Completed"] == 1
    tags = lab.sagemaker.list_tags(ResourceArn=best["TrainingJobArn"])["Tags"]
    assert tags == [{"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}]


def test_an_aborted_task_stops_the_search(lab: TuningLab) -> None:
    request = lab.tuning(ENDLESS, config=ONE)
    name = request["HyperParameterTuningJobName"]
    execution = start(lab, lab.make_role(trust("states.amazonaws.com")), f"{TASK}.sync", request)
    await_status(lambda: {"known": running(lab, name)}, "known", (True,))  # type: ignore[arg-type]
    lab.aws("stepfunctions").stop_execution(executionArn=execution)
    assert lab.tuned(name)["HyperParameterTuningJobStatus"] == "Stopped"
    assert [trial["TrainingJobStatus"] for trial in lab.trials(name)] == ["Stopped"]


def running(lab: TuningLab, name: str) -> bool:
    jobs = lab.sagemaker.list_hyper_parameter_tuning_jobs(NameContains=name)["HyperParameterTuningJobSummaries"]
    return any(job["TrainingJobStatusCounters"]["InProgress"] for job in jobs)


def test_a_search_without_success_fails_the_task(lab: TuningLab) -> None:
    request = lab.tuning("raise SystemExit(1)", config=ONE)
    found = ended(lab, start(lab, lab.make_role(trust("states.amazonaws.com")), f"{TASK}.sync", request))
    assert (found["status"], found["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(found["cause"])["FailureReason"].startswith("No training job succeeded after 1 attempts.")


def test_a_sync_task_needs_the_rule_of_tuning_jobs(aws: Any, iam: IamLab, lab: TuningLab) -> None:
    client, actions = aws("stepfunctions"), ("events:PutTargets", "events:PutRule", "events:DescribeRule")
    request = lab.tuning(config=ONE)
    task = {"Type": "Task", "Resource": f"arn:aws:states:::sagemaker:{TASK}.sync", "End": True, "Parameters": request}
    definition = json.dumps({"StartAt": "Tune", "States": {"Tune": task}})
    poor = iam.role("states", allow(*actions, on=RULE.replace("Tuning", "Training")))
    code, message = refusal(client.create_state_machine, name=unique("m"), definition=definition, roleArn=poor)
    assert code == "AccessDeniedException"
    assert RULE in message
    rich = iam.role("states", allow(*actions, on=RULE))
    client.create_state_machine(name=unique("m"), definition=definition, roleArn=rich)


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ("sagemaker:CreateHyperParameterTuningJob", "hyper-parameter-tuning-job/"),
        ("sagemaker:AddTags", "hyper-parameter-tuning-job/"),
        ("iam:PassRole", "role/lab-"),
    ],
)
def test_creation_needs_its_action_and_the_role(lab: TuningLab, iam: IamLab, lacking: str, sentence: str) -> None:
    actions = {"sagemaker:CreateHyperParameterTuningJob", "sagemaker:AddTags", "iam:PassRole"}
    client = iam.tester("sagemaker", allow(*sorted(actions - {lacking})))
    request = lab.tuning(config=ONE) | {"Tags": [{"Key": "a", "Value": "b"}]}
    code, message = refusal(client.create_hyper_parameter_tuning_job, **request)
    assert code == "AccessDeniedException"
    assert f"perform: {lacking} on resource: " in message
    assert sentence in message


def test_conditions_see_every_instance_type(lab: TuningLab, iam: IamLab) -> None:
    cheap = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}}
    client = iam.tester("sagemaker", allow("sagemaker:CreateHyperParameterTuningJob", **cheap), allow("iam:PassRole"))
    kinds = [
        {"InstanceType": kind, "InstanceCount": 1, "VolumeSizeInGB": 1} for kind in ("ml.m5.large", "ml.c5.xlarge")
    ]
    request = lab.tuning(config=ONE, HyperParameterTuningResourceConfig={"InstanceConfigs": kinds})
    del request["TrainingJobDefinition"]["ResourceConfig"]
    assert refusal(client.create_hyper_parameter_tuning_job, **request)[0] == "AccessDeniedException"


@pytest.mark.parametrize("verb", ["describe", "stop", "delete", "list_training_jobs_for"])
def test_each_call_is_allowed_by_the_job(iam: IamLab, verb: str) -> None:
    operation = "".join(word.capitalize() for word in verb.split("_")) + "HyperParameterTuningJob"
    client = iam.tester(
        "sagemaker", allow(f"sagemaker:{operation}", on=sagemaker_arn("hyper-parameter-tuning-job/mine"))
    )
    call = getattr(client, f"{verb}_hyper_parameter_tuning_job")
    code, message = refusal(call, HyperParameterTuningJobName="other")
    assert code == "AccessDeniedException"
    assert f"sagemaker:{operation} on resource: {sagemaker_arn('hyper-parameter-tuning-job/other')}" in message
    assert refusal(call, HyperParameterTuningJobName="mine")[0] in ("ResourceNotFound", "ValidationException")


def test_the_role_of_the_training_jobs_must_do_its_part(lab: TuningLab, iam: IamLab) -> None:
    role = iam.role("sagemaker", allow("s3:*"))
    request = lab.tuning(config=ONE, RoleArn=role)
    code, message = refusal(lab.sagemaker.create_hyper_parameter_tuning_job, **request)
    assert (code, "The execution role lacks a permission." in message) == ("ValidationException", True)


def test_every_change_of_status_is_an_event(lab: TuningLab) -> None:
    request = lab.tuning(config=ONE) | {"Tags": [{"Key": "team", "Value": "digits"}]}
    name = request["HyperParameterTuningJobName"]
    sqs, events, queue = lab.aws("sqs"), lab.aws("events"), unique("inbox")
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    let_events_send(sqs, url, arn)
    pattern = {
        "detail-type": ["SageMaker HyperParameter Tuning Job State Change"],
        "detail": {"HyperParameterTuningJobName": [name]},
    }
    events.put_rule(Name=queue, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=queue, Targets=[{"Id": "inbox", "Arn": arn}])
    lab.sagemaker.create_hyper_parameter_tuning_job(**request)
    job = lab.tuned(name)
    found: list[dict[str, Any]] = []
    while len(found) < 2:
        batch = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)["Messages"]
        found += [json.loads(message["Body"]) for message in batch]
        for message in batch:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert [event["detail"]["HyperParameterTuningJobStatus"] for event in found] == ["InProgress", "Completed"]
    assert {event["source"] for event in found} == {"aws.sagemaker"}
    assert found[-1]["resources"] == [job["HyperParameterTuningJobArn"]]
    assert found[-1]["detail"]["Tags"] == {"team": "digits"}
    assert found[-1]["detail"]["TrainingJobStatusCounters"]["Completed"] == 1
