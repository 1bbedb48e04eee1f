"""Managed spot training: the limits of its attempts and of its wait, and its price; retries of internal errors."""

from __future__ import annotations

from typing import Any

import pytest
from fault_lab import Declared
from job_lab import Lab
from own_sandbox import OwnSandbox

WAITS = "import time; print('ready'); time.sleep(600)"
ONCE = ["Starting", "Downloading", "Training"]


def spot(lab: Lab, script: str, runtime: int = 60, wait: int = 120, **members: Any) -> dict[str, Any]:
    condition = {"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": wait}
    return lab.training(script, EnableManagedSpotTraining=True, StoppingCondition=condition, **members)


def started(lab: Lab, request: dict[str, Any]) -> str:
    lab.sagemaker.create_training_job(**request)
    return request["TrainingJobName"]


def statuses(job: dict[str, Any]) -> list[str]:
    return [transition["Status"] for transition in job["SecondaryStatusTransitions"]]


def test_spot_capacity_that_does_not_come_back(lab: Lab, fault: Declared) -> None:
    name = started(lab, spot(lab, WAITS))
    lab.await_training(name)
    fault("spot")
    fault("spot-interruption", after_seconds=0, times=1)
    job = lab.trained(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert statuses(job) == [*ONCE, "Interrupted", "Starting", "Stopping", "MaxWaitTimeExceeded"]


def test_spot_capacity_that_never_comes(lab: Lab, fault: Declared) -> None:
    fault("spot")
    job = lab.trained(started(lab, spot(lab, WAITS)))
    assert statuses(job) == ["Starting", "Stopping", "MaxWaitTimeExceeded"]
    assert "TrainingStartTime" not in job


def test_the_wait_for_spot_counts_the_run(lab: Lab) -> None:
    name = started(lab, spot(lab, WAITS, runtime=2, wait=2))
    job = lab.trained(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert statuses(job) == [*ONCE, "Stopping", "MaxWaitTimeExceeded"]


def test_the_runtime_counts_every_attempt(lab: Lab, fault: Declared) -> None:
    fault("spot-interruption", after_seconds=4, grace_seconds=1, times=1)
    job = lab.trained(started(lab, spot(lab, WAITS, runtime=6)))
    assert statuses(job) == [*ONCE, "Interrupted", *ONCE, "Stopping", "MaxRuntimeExceeded"]
    first, second = [t for t in job["SecondaryStatusTransitions"] if t["Status"] == "Training"]
    assert (second["EndTime"] - second["StartTime"]) < (first["EndTime"] - first["StartTime"])
    assert job["BillableTimeInSeconds"] < job["TrainingTimeInSeconds"]


@pytest.mark.parametrize(("strategy", "attempts"), [({}, 1), ({"RetryStrategy": {"MaximumRetryAttempts": 2}}, 3)])
def test_internal_errors_are_retried(lab: Lab, sandbox: OwnSandbox, strategy: dict[str, Any], attempts: int) -> None:
    request = lab.training("", **strategy)
    in_the_way = sandbox.home / "jobs" / "training-job" / request["TrainingJobName"]
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.write_text("where the sandbox wants to make the job's folder")
    job = lab.trained(started(lab, request))
    assert statuses(job) == ["Starting"] * attempts + ["Failed"]
    assert job["FailureReason"].startswith("InternalServerError: We encountered an internal error. Please try again.")
