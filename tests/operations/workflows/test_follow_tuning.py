"""A search for hyperparameters as an operator meets it: asked for, refused, followed, stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from operations.errors import BadInput
from operations.workflows import jobs
from operations.workflows.history import StateProgress
from operations.workflows.hyperparameters import refuse_search
from pages.run_log import Progress

STARTED = datetime(2026, 11, 24, 9, tzinfo=UTC)
METRIC = "validation:accuracy"
STATES = (StateProgress("Search hyperparameters", "Task", STARTED),)


class SageMaker:
    """A tuning job and one of its training jobs, which stop on request."""

    def __init__(self, best: float | None) -> None:
        self.best = best
        self.asked: list[str] = []

    def client(self, _: str) -> SageMaker:
        return self

    def list_hyper_parameter_tuning_jobs(self, **_: Any) -> dict[str, Any]:
        return {"HyperParameterTuningJobSummaries": [self._job("HyperParameterTuning", "search", 0)]}

    def list_training_jobs(self, **_: Any) -> dict[str, Any]:
        return {"TrainingJobSummaries": [self._job("Training", "search-002", 5)]}

    def list_processing_jobs(self, **_: Any) -> dict[str, Any]:
        return {"ProcessingJobSummaries": []}

    def describe_hyper_parameter_tuning_job(self, **_: Any) -> dict[str, Any]:
        counters = {"Completed": 1, "InProgress": 2, "NonRetryableError": 1, "RetryableError": 0, "Stopped": 0}
        return {
            "HyperParameterTuningJobConfig": {
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 6},
                "HyperParameterTuningJobObjective": {"MetricName": METRIC, "Type": "Maximize"},
            },
            "TrainingJobStatusCounters": counters,
        } | ({} if self.best is None else {"BestTrainingJob": {"TrainingJobName": "search-a"}})

    def list_training_jobs_for_hyper_parameter_tuning_job(self, **request: Any) -> dict[str, Any]:
        assert (request["SortBy"], request["SortOrder"]) == ("CreationTime", "Descending")
        ended = {} if self.best is None else {"FinalHyperParameterTuningJobObjectiveMetric": {"Value": self.best}}
        return {
            "TrainingJobSummaries": [
                self._trial("search-d", "InProgress"),
                self._trial("search-c", "InProgress"),
                self._trial("search-b", "Failed"),
                self._trial("search-a", "Completed") | ended,
            ]
        }

    def describe_log_streams(self, **request: Any) -> dict[str, Any]:
        name = f"{request['logStreamNamePrefix']}1"
        return {"logStreams": [{"logStreamName": name, "creationTime": 1}] if name.startswith("search-c") else []}

    def get_log_events(self, **_: Any) -> dict[str, Any]:
        return {"events": [{"message": "progress step=60/107 epoch=1/1"}]}

    def stop_hyper_parameter_tuning_job(self, HyperParameterTuningJobName: str) -> None:
        self.asked.append(HyperParameterTuningJobName)

    def stop_training_job(self, TrainingJobName: str) -> None:
        self.asked.append(TrainingJobName)

    def _trial(self, name: str, status: str) -> dict[str, Any]:
        return {"TrainingJobName": name, "TrainingJobStatus": status, "TunedHyperParameters": {"dropout": "0.2"}}

    def _job(self, kind: str, name: str, minute: int) -> dict[str, Any]:
        created = STARTED.replace(minute=minute)
        return {f"{kind}JobName": name, f"{kind}JobStatus": "InProgress", "CreationTime": created}


@pytest.mark.parametrize("best", [0.97, None])
def test_the_search_is_shown_with_its_trials(best: float | None) -> None:
    view = jobs.CurrentJob(SageMaker(best), "arn:x", STARTED).look(STATES)  # type: ignore[arg-type]
    assert view is not None
    assert (view.kind, view.name) == ("Tuning", "search")
    search = view.search
    assert search is not None
    assert (search.metric, search.ended, search.failed, search.most) == (METRIC, 2, 1, 6)
    assert [(trial.number, trial.status) for trial in search.trials] == [
        (1, "Completed"),
        (2, "Failed"),
        (3, "InProgress"),
        (4, "InProgress"),
    ]
    assert search.trials[2].log.progress == Progress("step", 60, 107, 1, 1)
    assert (search.best and search.best.objective) == best


def test_the_search_is_stopped_before_its_trials() -> None:
    sagemaker = SageMaker(None)
    assert jobs.stop_all(sagemaker, "arn:x", STARTED) == 2  # type: ignore[arg-type]
    assert sagemaker.asked == ["search", "search-002"]


def model(tuning: Any) -> Any:
    return SimpleNamespace(name="digits-cnn", training=SimpleNamespace(tuning=tuning))


@pytest.mark.parametrize(
    ("tuning", "sentence"),
    [
        (None, "digits-cnn declares no search for hyperparameters. Write [training.tuning] in models/digits-cnn.toml"),
        (SimpleNamespace(ranges={"dropout": {}}), "--tune searches dropout: leave out --set dropout"),
    ],
    ids=["undeclared", "both"],
)
def test_what_cannot_be_searched_is_refused(tuning: Any, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        refuse_search(model(tuning), {"dropout": 0.1, "seed": 1})
    assert sentence in str(refused.value)


def test_a_search_beside_other_values_is_in_order() -> None:
    refuse_search(model(SimpleNamespace(ranges={"dropout": {}})), {"seed": 1})
