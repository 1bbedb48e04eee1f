"""One kill -9 in the midst of work of every kind: what was under way ends as on AWS, and the same command works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from crash_lab import CrashLab
from job_lab import unique
from own_sandbox import OwnSandbox
from sandboxes import NewSandbox
from tuning_lab import TuningLab
from waiting import WAITER, until

INTERNAL_ERROR = "InternalServerError: We encountered an internal error. Please try again."
LOGS = "/aws/sagemaker/TrainingJobs"
JOB_EVENT, EXECUTION_EVENT = "SageMaker Training Job State Change", "Step Functions Execution Status Change"
WAITS = "import time; print('epoch 1', flush=True); time.sleep(300)"


@dataclass
class Searches:
    """Two tuning jobs: the description of one that had ended, and the name of one that had emitted a value."""

    lab: TuningLab
    ended: dict[str, Any]
    running: str


@dataclass
class Before:
    """The running work at the kill, by name, and its state."""

    lab: CrashLab
    job: str
    searches: Searches
    workflow: str
    execution: str
    heard: str
    created: str
    updated: str
    outputs: list[dict[str, str]]
    buckets: list[str]
    topics: int
    endpoints: dict[str, str]
    kept: dict[str, Any]
    serving_stack: str
    servers: list[psutil.Process]


@pytest.fixture(scope="module")
def own(new_sandbox: NewSandbox) -> Iterator[OwnSandbox]:
    with new_sandbox(SANDBOX_STOP_GRACE_SECONDS="5").running() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def crash(own: OwnSandbox) -> Before:
    """Begin everything, wait until it is in the middle, kill the sandbox, start it again."""
    before = begin(CrashLab(own), begin_searches(TuningLab(own.aws)))
    own.saved()
    before.servers = before.lab.processes(before.endpoints["kept"])
    own.kill()
    own.up()
    return before


def begin(lab: CrashLab, searches: Searches) -> Before:
    updated, created, serving_stack, job = unique("updated"), unique("created"), unique("serving"), unique("job")
    lab.formation.create_stack(StackName=updated, TemplateBody=lab.template("first", 0))
    endpoints = begin_endpoints(lab)
    outputs = lab.at_rest(updated)["Outputs"]
    buckets, topics = lab.buckets(), lab.topics()
    heard, workflow = lab.heard([JOB_EVENT, EXECUTION_EVENT]), lab.workflow(WAITS)
    started = lab.states.start_execution(stateMachineArn=workflow, input=json.dumps({"name": job}))
    lab.formation.update_stack(StackName=updated, TemplateBody=lab.template("second", 300))
    lab.formation.create_stack(StackName=created, TemplateBody=lab.template("one", 300))
    config = begin_serving_stack(lab, serving_stack)
    until(lambda: lab.waits_for_slow(updated) and lab.waits_for_slow(created))
    until(lambda: (found := lab.endpoints(serving_stack)) and lab.processes(found[0]))
    until(lambda: lab.job(job).get("SecondaryStatus") == "Training" and "epoch 1" in lab.log(LOGS, job))
    lab.s3.delete_object(Bucket=lab.bucket, Key=config)
    kept = lab.sagemaker.describe_endpoint(EndpointName=endpoints["kept"])
    return Before(
        lab,
        job,
        searches,
        workflow,
        started["executionArn"],
        heard,
        created,
        updated,
        outputs,
        buckets,
        topics,
        endpoints,
        kept,
        serving_stack,
        [],
    )


def begin_searches(lab: TuningLab) -> Searches:
    one = {"ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}}
    request = lab.tuning("import time; print('metric loss=1', flush=True); time.sleep(300)", config=one)
    lab.sagemaker.create_hyper_parameter_tuning_job(**request)
    name, emitted = request["HyperParameterTuningJobName"], "FinalHyperParameterTuningJobObjectiveMetric"
    ended = lab.tune(config=one)
    until(lambda: any(emitted in trial for trial in lab.trials(name)))
    return Searches(lab, ended, name)


def begin_endpoints(lab: CrashLab) -> dict[str, str]:
    """One endpoint in service without model and configuration, one in an update, one without archive."""
    kept = lab.serving(lab.fleet("kept"))
    lab.resize(kept, AllTraffic={"DesiredInstanceCount": 2, "DesiredWeight": 3.0})
    config = lab.settled(kept)["EndpointConfigName"]
    model = lab.sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0]["ModelName"]
    lab.sagemaker.delete_model(ModelName=model)
    lab.sagemaker.delete_endpoint_config(EndpointConfigName=config)
    updating = lab.serving(lab.fleet("old"))
    lab.update(updating, lab.fleet("new", ping=503))
    lost = lab.serving(lab.config(lab.model_of("lost")))
    lab.s3.delete_object(Bucket=lab.bucket, Key="models/lost.tar.gz")
    until(lambda: len(lab.processes(updating)) == 2)
    return {"kept": kept, "updating": updating, "lost": lost}


def begin_serving_stack(lab: CrashLab, name: str) -> str:
    """Deploy a stack with a failing endpoint; return the key of its archive."""
    config = lab.config(lab.model_of("silent", ping=503))
    endpoint = {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointConfigName": config}}
    lab.formation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"Endpoint": endpoint}}))
    return "models/silent.tar.gz"


def test_a_training_job_fails_as_for_an_internal_error(crash: Before) -> None:
    lab, job = crash.lab, crash.lab.job(crash.job)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == INTERNAL_ERROR
    assert job["TrainingEndTime"] >= job["TrainingStartTime"]
    assert [each["Status"] for each in job["SecondaryStatusTransitions"]][-2:] == ["Training", "Failed"]
    assert "epoch 1" in lab.log(LOGS, crash.job)
    with pytest.raises(lab.sagemaker.exceptions.ClientError, match="job is in status Failed"):
        lab.sagemaker.stop_training_job(TrainingJobName=crash.job)


def test_a_tuning_job_fails_with_its_training_jobs(crash: Before) -> None:
    lab, job = crash.searches.lab, crash.searches.lab.described(crash.searches.running)
    assert (job["HyperParameterTuningJobStatus"], job["FailureReason"]) == ("Failed", INTERNAL_ERROR)
    assert job["TrainingJobStatusCounters"]["RetryableError"] == 1
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 0, "Pending": 0, "Failed": 1}
    assert [trial["TrainingJobStatus"] for trial in lab.trials(crash.searches.running)] == ["Failed"]
    with pytest.raises(lab.sagemaker.exceptions.ClientError, match="tuning job is in status Failed"):
        lab.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=crash.searches.running)


def test_a_tuning_job_that_had_ended_is_as_it_was(crash: Before) -> None:
    found = crash.searches.lab.described(crash.searches.ended["HyperParameterTuningJobName"])
    without = {"ResponseMetadata": None}
    assert found | without == crash.searches.ended | without


def test_its_execution_fails_and_can_be_started_again(crash: Before) -> None:
    lab, states = crash.lab, crash.lab.states
    until(lambda: states.describe_execution(executionArn=crash.execution)["status"] == "FAILED")
    described = states.describe_execution(executionArn=crash.execution)
    assert described["cause"].startswith("InternalServerError: the sandbox ended while this execution was running.")
    assert states.get_execution_history(executionArn=crash.execution)["events"][-1]["type"] == "ExecutionFailed"
    argument = json.dumps({"name": unique("again")})
    again = states.start_execution(stateMachineArn=crash.workflow, input=argument)["executionArn"]
    until(lambda: lab.job(json.loads(argument)["name"]).get("SecondaryStatus") == "Training")
    states.stop_execution(executionArn=again)


def test_the_event_bus_hears_of_both(crash: Before) -> None:
    told: set[tuple[str, str]] = set()

    def both() -> bool:
        for each in crash.lab.messages(crash.heard):
            told.add((each["detail-type"], each["detail"].get("TrainingJobStatus") or each["detail"]["status"]))
        return told >= {(JOB_EVENT, "Failed"), (EXECUTION_EVENT, "FAILED")}

    until(both)


def test_a_create_is_rolled_back_and_leaves_nothing(crash: Before) -> None:
    lab, name = crash.lab, crash.created
    assert lab.at_rest(name)["StackStatus"] == "ROLLBACK_COMPLETE"
    lab.at_rest(crash.updated)
    assert (lab.buckets(), lab.topics()) == (crash.buckets, crash.topics)
    happened = lab.happened(name)
    assert {("Bucket", "DELETE_COMPLETE"), ("Topic", "DELETE_COMPLETE")} <= set(happened)
    assert happened[0] == (name, "ROLLBACK_COMPLETE")
    lab.formation.delete_stack(StackName=name)  # as the CDK CLI does before it creates it again
    lab.formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=WAITER)
    lab.formation.create_stack(StackName=name, TemplateBody=lab.template("one", 0))
    assert lab.at_rest(name)["StackStatus"] == "CREATE_COMPLETE"


def test_an_update_is_rolled_back_to_what_was(crash: Before) -> None:
    lab, name = crash.lab, crash.updated
    rolled_back = lab.at_rest(name)
    assert rolled_back["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert rolled_back["Outputs"] == crash.outputs
    parameter = crash.outputs[0]["OutputValue"]
    assert lab.aws("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == "first"
    lab.formation.update_stack(StackName=name, TemplateBody=lab.template("second", 0))
    assert lab.at_rest(name)["StackStatus"] == "UPDATE_COMPLETE"
    assert lab.aws("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == "second"


def test_an_endpoint_serves_again_with_what_it_had(crash: Before, own: OwnSandbox) -> None:
    """Its instances and weights, though its model and its configuration are deleted."""
    lab, name = crash.lab, crash.endpoints["kept"]
    assert all(not each.is_running() or each.status() == psutil.STATUS_ZOMBIE for each in crash.servers)
    until(lambda: lab.status(name) == "InService")
    found = lab.sagemaker.describe_endpoint(EndpointName=name)
    for member in ("EndpointArn", "CreationTime", "EndpointConfigName"):
        assert found[member] == crash.kept[member]
    (variant,) = found["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (2, 3.0)
    assert lab.answer(name) == "kept"
    folders = {each.name.removesuffix("-python") for each in (own.home / "endpoints" / name).iterdir()}
    assert len(folders) == 2, "the folders of the old servers are gone"


def test_an_endpoints_update_ends_on_the_old_configuration(crash: Before) -> None:
    lab, name = crash.lab, crash.endpoints["updating"]
    until(lambda: lab.status(name) == "InService")
    reason = lab.sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]
    assert reason.startswith("InternalServerError: the update was under way when the sandbox ended")
    assert lab.answer(name) == "old"
    lab.update(name, lab.fleet("newer"))
    until(lambda: lab.answer(name) == "newer")


def test_an_endpoint_that_does_not_come_back_is_failed_and_says_why(crash: Before) -> None:
    lab, name = crash.lab, crash.endpoints["lost"]
    until(lambda: lab.status(name) == "Failed")
    reason = lab.sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]
    assert reason.startswith("Failed to download model data"), reason


def test_the_endpoint_that_a_stack_was_creating_is_not_left_behind(crash: Before) -> None:
    assert crash.lab.at_rest(crash.serving_stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert crash.lab.endpoints(crash.serving_stack) == []
