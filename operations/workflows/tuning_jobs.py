"""A hyperparameter tuning job and its trials, side by side.

Source: SageMaker API Reference, "DescribeHyperParameterTuningJob" and "ListTrainingJobsForHyperParameterTuningJob".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from operations.aws.connection import Connection
from operations.workflows.job_log import LogEnd, log_end

_MOST_LOGS = 10
"""The number of running trials with a look into their logs: a look every two seconds stays below the logs' quota."""


@dataclass(frozen=True)
class Trial:
    """One training job of a search. `number` counts from 1; `objective` is the final value of the search's metric."""

    number: int
    name: str
    status: str
    values: Mapping[str, str]
    objective: float | None
    log: LogEnd = field(default_factory=LogEnd)

    @property
    def running(self) -> bool:
        return self.status == "InProgress"


@dataclass(frozen=True)
class Search:
    """A search: its metric, how many trials have ended and failed, of how many at most, the best one, and all."""

    metric: str
    ended: int
    failed: int
    most: int
    best: Trial | None
    trials: tuple[Trial, ...]


def search(connection: Connection, name: str) -> Search:
    """A tuning job with its newest 100 trials, in the order of their creation."""
    sagemaker = connection.client("sagemaker")
    described = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    config, counters = described["HyperParameterTuningJobConfig"], described["TrainingJobStatusCounters"]
    listed = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, MaxResults=100, SortBy="CreationTime", SortOrder="Descending"
    )["TrainingJobSummaries"]
    begun = max(sum(counters.values()), len(listed))
    trials = [_trial(job, begun - place) for place, job in enumerate(listed)]
    best = described.get("BestTrainingJob", {}).get("TrainingJobName")
    return Search(
        metric=config["HyperParameterTuningJobObjective"]["MetricName"],
        ended=sum(counters.values()) - counters.get("InProgress", 0),
        failed=counters.get("NonRetryableError", 0) + counters.get("RetryableError", 0),
        most=config["ResourceLimits"].get("MaxNumberOfTrainingJobs", 0),
        best=next((trial for trial in trials if trial.name == best), None),
        trials=tuple(reversed(_with_logs(connection, trials))),
    )


def _trial(job: dict[str, Any], number: int) -> Trial:
    return Trial(
        number=number,
        name=job["TrainingJobName"],
        status=job["TrainingJobStatus"],
        values=job.get("TunedHyperParameters", {}),
        objective=job.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value"),
    )


def _with_logs(connection: Connection, trials: list[Trial]) -> list[Trial]:
    running = [trial.name for trial in trials if trial.running][:_MOST_LOGS]
    logs = {name: log_end(connection, "Training", name) for name in running}
    return [replace(trial, log=logs.get(trial.name, trial.log)) for trial in trials]
