"""The search for hyperparameters, walked from the execution's input to the training job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from state_machines import definition
from test_training_workflow import Aws
from walker import Ended, TaskError, Walker

from specs import Candidate
from specs.tuning import Range
from stacks.constructs.training.tuning_request import interchangeable, parameter_ranges
from training.common.container import Container

RANGES = {"dropout": "0.2", "peak_learning_rate": "0.04"}
BEGAN, ENDED = "2026-11-24T12:00:00.000Z", "2026-11-24T12:01:00.000Z"


class Tuning(Aws):
    """Three trials: two that complete, on instances of two types, and one that fails before it measured."""

    def __init__(self, **status: Any) -> None:
        super().__init__()
        self.name = ""
        self.status = {"HyperParameterTuningJobStatus": "Completed", **status}
        self.refused: TaskError | None = None

    def createHyperParameterTuningJob(self, arguments: dict) -> dict:
        if self.refused:
            raise self.refused
        self.name = arguments["HyperParameterTuningJobName"]
        if self.status["HyperParameterTuningJobStatus"] != "Completed":
            raise TaskError("States.TaskFailed", json.dumps(self.status))
        return {"HyperParameterTuningJobName": self.name}

    def describeHyperParameterTuningJob(self, arguments: dict) -> dict:
        if not self.name:
            raise TaskError("SageMaker.ResourceNotFoundException", "Requested resource not found.")
        best = {"TrainingJobName": f"{self.name}-002", "TunedHyperParameters": RANGES}
        counters = {"Completed": 2, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 1, "Stopped": 0}
        described = {"HyperParameterTuningJobName": self.name, "CreationTime": BEGAN, "BestTrainingJob": best}
        described |= {"HyperParameterTuningEndTime": ENDED, "TrainingJobStatusCounters": counters, **self.status}
        return {name: value for name, value in described.items() if value is not None}

    def listTrainingJobsForHyperParameterTuningJob(self, arguments: dict) -> dict:
        assert arguments["HyperParameterTuningJobName"] == self.name
        return {"TrainingJobSummaries": [self._trial(1, 0.9), self._trial(2, 0.95), self._trial(3, None)]}

    def _trial(self, number: int, objective: float | None) -> dict:
        name = f"{self.name}-00{number}"
        self.described[name] = {
            "ResourceConfig": {"InstanceType": "ml.g5.2xlarge" if number == 2 else "ml.g5.xlarge"},
            "TrainingTimeInSeconds": 10 * number,
            "BillableTimeInSeconds": 3 * number,
        }
        trial: dict[str, Any] = {
            "TrainingJobName": name,
            "TrainingJobStatus": "Failed" if objective is None else "Completed",
            "TunedHyperParameters": RANGES,
        }
        if objective is not None:
            trial |= {"TrainingStartTime": BEGAN, "TrainingEndTime": ENDED}
            trial["FinalHyperParameterTuningJobObjectiveMetric"] = {"MetricName": "m", "Value": objective}
        return trial


@pytest.fixture(scope="module")
def machine(specs, model, synthesize) -> dict[str, Any]:
    """The workflow where trials may run on instances of two types."""
    dev = specs.environment("dev")
    first = dev.training.candidates[0]
    both = (first, first.model_copy(update={"instance_type": "ml.g5.2xlarge"}))
    environment = dev.model_copy(update={"training": dev.training.model_copy(update={"candidates": both})})
    return definition(synthesize(environment, (model,))["slipway-dev-digits-cnn-training"])


@pytest.fixture
def train(machine):

    def run(aws: Aws, given: Any = None) -> Ended:
        return Walker(machine, {"tune": True} if given is None else given, aws).run()

    return run


def test_the_best_trial_s_values_are_trained_with(train) -> None:
    aws = Tuning()
    ended = train(aws, {"tune": True, "hyperparameters": {"seed": 7}})
    assert ended.path[-1] == "Registered"
    assert aws.called("createTrainingJob")[0]["HyperParameters"] == {
        "batch_size": "256",
        "beta_2": "0.98",
        "checkpoint_seconds": "15",
        "epochs": "4.0",
        "precision": "auto",
        "seed": "7",
        "warmup_fraction": "0.05",
        "shift": "1",
        "label_smoothing": "0.1",
        **RANGES,
    }


def test_a_trial_keeps_what_is_not_searched_and_is_started_by_the_image(train) -> None:
    aws = Tuning()
    train(aws, {"tune": True, "hyperparameters": {"seed": 7, "epochs": 9}})
    (job,) = aws.called("createHyperParameterTuningJob")
    static = job["TrainingJobDefinition"]["StaticHyperParameters"]
    assert not set(static) & set(RANGES)
    assert {type(value) for value in static.values()} == {str}
    assert (static["seed"], static["epochs"]) == ("7", "0.25")
    assert static["sagemaker_program"] == "train.py"
    assert static["sagemaker_submit_directory"].startswith("/opt/ml/input/data/code/")
    assert "/" not in static["sagemaker_submit_directory"].removeprefix("/opt/ml/input/data/code/")
    assert static["model_dir"] == "/opt/ml/model"
    assert "ContainerEntrypoint" not in job["TrainingJobDefinition"]["AlgorithmSpecification"]
    assert len(job["HyperParameterTuningJobName"]) <= 32


def test_each_trial_has_checkpoints_of_its_own_and_the_candidates_of_a_training_share_theirs(
    train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = Tuning()
    train(aws)
    (search,) = aws.called("createHyperParameterTuningJob")
    for request, folder in (
        (search["TrainingJobDefinition"], tmp_path / "checkpoints" / "job-1"),
        (aws.called("createTrainingJob")[0], tmp_path / "checkpoints"),
    ):
        with monkeypatch.context() as container:
            for name, value in {"TRAINING_JOB_NAME": "job-1", **request.get("Environment", {})}.items():
                container.setenv(name, value)
            assert Container(tmp_path).checkpoints == folder


def test_it_is_written_down_for_the_report_and_the_costs(train) -> None:
    aws = Tuning()
    train(aws)
    body = next(each["Body"] for each in aws.called("putObject") if each["Key"].endswith("execution.json"))
    search = body["search"]
    assert (search["job"], search["best"], search["goal"]) == (aws.name, f"{aws.name}-002", "maximize")
    assert search["ranges"]["peak_learning_rate"] == {"min": 0.01, "max": 0.2, "scale": "log"}
    assert [trial["objective"] for trial in search["trials"]] == [0.9, 0.95, None]
    assert [trial["seconds"] for trial in search["trials"]] == [60, 60, 0]
    tuned = [job for job in body["jobs"] if job["kind"] == "tuning"]
    costs = {job["instance_type"]: (job["seconds"], job["billable_seconds"]) for job in tuned}
    assert costs == {"ml.g5.xlarge": (40, 12), "ml.g5.2xlarge": (20, 6)}
    assert body["hyperparameters"]["dropout"] == RANGES["dropout"]


@pytest.mark.parametrize("given", [{}, {"tune": False}], ids=str)
def test_nothing_is_searched_unless_asked(train, given) -> None:
    aws = Tuning()
    ended = train(aws, given)
    assert ended.path[-1] == "Registered"
    assert aws.called("createHyperParameterTuningJob") == []
    body = next(each["Body"] for each in aws.called("putObject") if each["Key"].endswith("execution.json"))
    assert body["search"] is None


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        ({"BestTrainingJob": None}, "TuningFailed", "of 3 training jobs none completed"),
        (
            {"HyperParameterTuningJobStatus": "Failed", "FailureReason": "All training jobs failed."},
            "TuningFailed",
            "All training jobs failed.",
        ),
        ({"HyperParameterTuningJobStatus": "Stopped"}, "TuningStopped", "was stopped"),
    ],
    ids=["nothing", "failed", "stopped"],
)
def test_a_search_without_a_find_ends_the_execution(train, status, error, words) -> None:
    aws = Tuning(**status)
    ended = train(aws)
    assert ended.error == error
    assert words in (ended.cause or "")
    assert aws.called("createTrainingJob") == []


def test_a_limit_ends_the_execution_in_aws_s_words(train) -> None:
    aws = Tuning()
    aws.refused = TaskError("SageMaker.ResourceLimitExceededException", "The account-level limit is 0")
    ended = train(aws)
    assert ended.error == "TuningFailed"
    assert ended.cause == (
        "the search found nothing: The account-level limit is 0"
        "\nLog of tune:\n    python -m operations logs dev digits-cnn tune"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tune": "yes"}, "tune is of type string, not true or false"),
        ({"tune": True, "hyperparameters": {"dropout": 0.1, "seed": 1}}, "cannot be given, too: dropout"),
    ],
    ids=["type", "both"],
)
def test_refused_input(train, given, words) -> None:
    ended = train(Tuning(), given)
    assert ended.error == "UnknownInput"
    assert words in (ended.cause or "")


def test_a_model_without_tuning_refuses_to_tune(specs, model, synthesize) -> None:
    untuned = model.model_copy(update={"training": model.training.model_copy(update={"tuning": None})})
    templates = synthesize(specs.environment("dev"), (untuned,))
    machine = definition(templates["slipway-dev-digits-cnn-training"])
    ended = Walker(machine, {"tune": True}, Tuning()).run()
    assert ended.cause == "digits-cnn declares no tuning: write [training.tuning] in models/digits-cnn.toml"
    assert Walker(machine, {}, Tuning()).run().path[-1] == "Registered"


def test_ranges_are_of_the_kind_that_is_written() -> None:
    ranges = {
        "rate": Range(min=0.1, max=1, scale="log"),
        "layers": Range(min=1, max=3),
        "activation": Range(values=("relu", True, 2)),
    }
    assert parameter_ranges(ranges) == {
        "CategoricalParameterRanges": [{"Name": "activation", "Values": ["relu", "true", "2"]}],
        "IntegerParameterRanges": [{"Name": "layers", "MinValue": "1", "MaxValue": "3", "ScalingType": "Linear"}],
        "ContinuousParameterRanges": [
            {"Name": "rate", "MinValue": "0.1", "MaxValue": "1", "ScalingType": "Logarithmic"}
        ],
    }


@pytest.mark.parametrize(
    "other",
    [
        {"purchase": "on-demand"},
        {"instance_count": 2},
        {"instance_type": "ml.c5.xlarge"},
        {"instance_type": "ml.p3.2xlarge"},
    ],
    ids=["purchase", "count", "processor", "disk"],
)
def test_only_what_a_tuning_job_can_share_stands_in(other) -> None:
    first = {"instance_type": "ml.g5.xlarge", "purchase": "spot"}
    candidates = [first, first | other, first | {"instance_type": "ml.g5.2xlarge"}]
    kept = interchangeable(tuple(Candidate(**each) for each in candidates))
    assert [each.instance_type for each in kept] == ["ml.g5.xlarge", "ml.g5.2xlarge"]
