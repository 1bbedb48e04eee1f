"""Tuning jobs with real training jobs: what they launch, what they answer, and how they end."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tuning_lab import SQUARE, TuningLab
from waiting import until

CHECKPOINT = """
import os, pathlib
folder = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"]) / "checkpoints"
(folder / os.environ["TRAINING_JOB_NAME"]).write_text(str(sorted(path.name for path in folder.iterdir())))
"""
TWO_LOSSES = """
import sys, time
x = int(sys.argv[sys.argv.index("-x") + 1])
for step in range(2):
    print(f"metric loss={x} step={step}", flush=True)
    time.sleep(60 if x == 9 else 0)
"""
"""With x=9 the worst, and endless."""


@pytest.fixture(scope="module")
def lab(aws: Any) -> TuningLab:
    return TuningLab(aws)


def value(trial: dict[str, Any]) -> float:
    return trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]


def limits(most: int, parallel: int, **more: Any) -> dict[str, Any]:
    return {"ResourceLimits": {"MaxNumberOfTrainingJobs": most, "MaxParallelTrainingJobs": parallel, **more}}


def grid(*values: str) -> dict[str, Any]:
    """Training jobs one after the other, each with the next x."""
    ranges = {"CategoricalParameterRanges": [{"Name": "x", "Values": list(values)}]}
    return {"Strategy": "Grid", "ParameterRanges": ranges, "ResourceLimits": {"MaxParallelTrainingJobs": 1}}


def test_a_search(lab: TuningLab) -> None:
    checkpoints = lab.uri("checkpoints/")
    request = lab.tuning(SQUARE + CHECKPOINT, CheckpointConfig={"S3Uri": checkpoints}, DefinitionName="square") | {
        "Tags": [{"Key": "team", "Value": "digits"}]
    }
    lab.sagemaker.create_hyper_parameter_tuning_job(**request)
    name = request["HyperParameterTuningJobName"]
    job = lab.tuned(name)
    trials = lab.trials(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed", [each.get("FailureReason") for each in trials]
    assert [trial["TrainingJobName"][:-8] for trial in trials] == [f"{name}-00{number}-" for number in (1, 2, 3)]
    assert [value(trial) for trial in trials] == [(int(t["TunedHyperParameters"]["x"]) - 3) ** 2 for t in trials]
    assert {trial["ObjectiveStatus"] for trial in trials} == {"Succeeded"}
    assert {trial["TrainingJobDefinitionName"] for trial in trials} == {"square"}
    assert job["BestTrainingJob"] == min(trials, key=value)
    counters = {"Completed": 3, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 0, "Stopped": 0}
    assert job["TrainingJobStatusCounters"] == counters
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    assert job["HyperParameterTuningEndTime"] >= job["CreationTime"]
    first = lab.trained(trials[0]["TrainingJobName"])
    assert first["TuningJobArn"] == job["HyperParameterTuningJobArn"]
    assert first["HyperParameters"] == {
        **request["TrainingJobDefinition"]["StaticHyperParameters"],
        **trials[0]["TunedHyperParameters"],
        "_tuning_objective_metric": "loss",
    }
    assert first["CheckpointConfig"]["S3Uri"] == checkpoints, "AWS documents no path of a training job's own"
    assert lab.get(f"checkpoints/{first['TrainingJobName']}") == b"[]"
    tags = lab.sagemaker.list_tags(ResourceArn=first["TrainingJobArn"])["Tags"]
    assert tags == lab.sagemaker.list_tags(ResourceArn=job["HyperParameterTuningJobArn"])["Tags"] == request["Tags"]
    by_objective = lab.trials(name, SortBy="FinalObjectiveMetricValue", SortOrder="Descending", MaxResults=2)
    assert [value(trial) for trial in by_objective] == sorted(map(value, trials), reverse=True)[:2]
    listed = lab.sagemaker.list_hyper_parameter_tuning_jobs(NameContains=name)["HyperParameterTuningJobSummaries"]
    assert [(each["HyperParameterTuningJobName"], each["Strategy"]) for each in listed] == [(name, "Random")]


def test_a_job_that_lags_behind_is_stopped_early(lab: TuningLab) -> None:
    job = lab.tune(TWO_LOSSES, config={**grid("1", "9"), "TrainingJobEarlyStoppingType": "Auto"})
    good, bad = lab.trials(job["HyperParameterTuningJobName"])
    assert (good["TrainingJobStatus"], bad["TrainingJobStatus"]) == ("Completed", "Stopped")
    assert (bad["ObjectiveStatus"], value(bad)) == ("Succeeded", 9)
    assert (job["HyperParameterTuningJobStatus"], job["TrainingJobStatusCounters"]["Stopped"]) == ("Completed", 1)
    assert job["BestTrainingJob"]["TrainingJobName"] == good["TrainingJobName"]


def test_the_target_ends_the_search_and_stops_what_runs(lab: TuningLab) -> None:
    criteria = {"TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": 2.0}}
    config = {**grid("9", "1", "5"), "ResourceLimits": {"MaxParallelTrainingJobs": 2}, **criteria}
    job = lab.tune(TWO_LOSSES, config=config)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    statuses = {trial["TunedHyperParameters"]["x"]: trial["TrainingJobStatus"] for trial in trials_of(lab, job)}
    assert (statuses["9"], statuses["1"]) == ("Stopped", "Completed")


def trials_of(lab: TuningLab, job: dict[str, Any]) -> list[dict[str, Any]]:
    return lab.trials(job["HyperParameterTuningJobName"])


def test_stop_ends_its_training_jobs_and_delete_leaves_them(lab: TuningLab) -> None:
    request = lab.tuning(TWO_LOSSES, config=grid("9"))
    name, sagemaker = request["HyperParameterTuningJobName"], lab.sagemaker
    sagemaker.create_hyper_parameter_tuning_job(**request)
    until(lambda: any("FinalHyperParameterTuningJobObjectiveMetric" in trial for trial in lab.trials(name)))
    with pytest.raises(ClientError, match=f"The hyperparameter tuning job {name} is in status InProgress: stop it"):
        sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert lab.tuned(name)["HyperParameterTuningJobStatus"] == "Stopped"
    (trial,) = lab.trials(name, StatusEquals="Stopped")
    with pytest.raises(ClientError, match="hyperparameter tuning job is in status Stopped"):
        sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    with pytest.raises(ClientError, match=f"can't find a tuning job with the name {name}") as missing:
        lab.described(name)
    assert missing.value.response["Error"]["Code"] == "ResourceNotFound"
    assert lab.trained(trial["TrainingJobName"])["TrainingJobStatus"] == "Stopped"


def test_a_job_fails_when_its_first_training_jobs_did(lab: TuningLab) -> None:
    script = "import sys; print('boom', file=sys.stderr); raise SystemExit(3)"
    job = lab.tune(script, config=limits(2, 2))
    assert (job["HyperParameterTuningJobStatus"], job["FailureReason"]) == (
        "Failed",
        "No training job succeeded after 2 attempts. For additional details, please take a look at the training job "
        "failures by listing training jobs for the hyperparameter tuning job.",
    )
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 2
    reason = trials_of(lab, job)[0]["FailureReason"]
    assert reason.startswith('AlgorithmError: ExecuteUserScriptError:\nExitCode 3\nErrorMessage "boom\n"')
    assert "BestTrainingJob" not in job


def test_a_job_fails_when_nothing_emits_the_objective(lab: TuningLab) -> None:
    job = lab.tune("print('metric accuracy=1')", config=limits(1, 1))
    assert job["FailureReason"].startswith("No objective metrics found after running 1 training jobs.")
    assert trials_of(lab, job)[0]["ObjectiveStatus"] == "Failed"


@pytest.mark.parametrize("kind", ["capacity", "quota", "spot"])
def test_the_next_instance_type_when_the_first_is_missing(lab: TuningLab, fault: Any, kind: str) -> None:
    fault(kind, instance_type="ml.c5.xlarge")
    one = {"InstanceCount": 1, "VolumeSizeInGB": 10}
    configs = [{"InstanceType": each, **one} for each in ("ml.c5.xlarge", "ml.m5.large")]
    resources = {"AllocationStrategy": "Prioritized", "InstanceConfigs": configs}
    request = lab.tuning(config=limits(1, 1))
    definition = request["TrainingJobDefinition"]
    del definition["ResourceConfig"]
    definition |= {"HyperParameterTuningResourceConfig": resources, "EnableManagedSpotTraining": True}
    definition["StoppingCondition"]["MaxWaitTimeInSeconds"] = 600
    lab.sagemaker.create_hyper_parameter_tuning_job(**request)
    job = lab.tuned(request["HyperParameterTuningJobName"])
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert lab.trained(trials_of(lab, job)[0]["TrainingJobName"])["ResourceConfig"] == configs[1]


def test_no_quota_for_any_instance_type(lab: TuningLab, fault: Any) -> None:
    fault("quota", instance_type="ml.m5.large")
    with pytest.raises(ClientError, match=r"'ml\.m5\.large for training job usage' is 0 Instances") as raised:
        lab.sagemaker.create_hyper_parameter_tuning_job(**lab.tuning())
    assert raised.value.response["Error"]["Code"] == "ResourceLimitExceeded"
