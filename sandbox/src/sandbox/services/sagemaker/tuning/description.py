"""Descriptions of a tuning job, from its own record and its training jobs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

Description = dict[str, Any]
TERMINAL = frozenset({"Completed", "Failed", "Stopped"})
_COPIED = (
    "TrainingJobName",
    "TrainingJobArn",
    "CreationTime",
    "TrainingStartTime",
    "TrainingEndTime",
    "TrainingJobStatus",
    "FailureReason",
)
_CLIENT_ERRORS = ("AlgorithmError", "ClientError")


@dataclass
class Attempt:
    """One training job of a tuning job: its values, and the objective that it has emitted last."""

    number: int
    name: str
    values: dict[str, str]
    objective: float | None = None


@dataclass
class Record:
    """A tuning job as it is kept: the description that does not change with its training jobs, and these."""

    description: Description
    attempts: list[Attempt] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """As plain data."""
        return {"description": copy.deepcopy(self.description), "attempts": [asdict(each) for each in self.attempts]}

    @classmethod
    def of(cls, state: dict[str, Any]) -> Record:
        """From plain data."""
        return cls(state["description"], [Attempt(**each) for each in state["attempts"]])

    def summaries(self, training_job: Callable[[str], Description]) -> list[Description]:
        """HyperParameterTrainingJobSummary of every training job, in the order of their launch."""
        return [_summary(self.description, each, training_job(each.name)) for each in self.attempts]

    def describe(self, training_job: Callable[[str], Description]) -> Description:
        """The answer of DescribeHyperParameterTuningJob."""
        summaries = self.summaries(training_job)
        best = _best(self.description, summaries)
        return {
            **copy.deepcopy(self.description),
            "TrainingJobStatusCounters": _status_counters(summaries),
            "ObjectiveStatusCounters": _objective_counters(summaries),
            **({"BestTrainingJob": best} if best else {}),
        }


def _summary(tuning: Description, attempt: Attempt, job: Description) -> Description:
    metric = tuning["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    summary = {member: job[member] for member in _COPIED if member in job}
    summary |= {"TunedHyperParameters": dict(attempt.values), "ObjectiveStatus": _objective_status(attempt, job)}
    if attempt.objective is not None:
        final = {"MetricName": metric, "Value": attempt.objective}
        summary["FinalHyperParameterTuningJobObjectiveMetric"] = final
    if name := tuning["TrainingJobDefinition"].get("DefinitionName"):
        summary["TrainingJobDefinitionName"] = name
    return summary


def _objective_status(attempt: Attempt, job: Description) -> str:
    """The status of the objective. A failed job has none ("HyperParameterTrainingJobSummary")."""
    status = job["TrainingJobStatus"]
    if status not in TERMINAL:
        return "Pending"
    return "Failed" if status == "Failed" or attempt.objective is None else "Succeeded"


def _best(tuning: Description, summaries: Iterable[Description]) -> Description | None:
    """The completed training job with the best objective. One that was stopped early has not completed."""
    objective = tuning["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    completed = [
        each
        for each in summaries
        if each["TrainingJobStatus"] == "Completed" and each["ObjectiveStatus"] == "Succeeded"
    ]
    choose = max if objective["Type"] == "Maximize" else min
    return choose(completed, key=objective_of, default=None)


def objective_of(summary: Description) -> float:
    """The last value of the objective."""
    return float(summary["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])


def _status_counters(summaries: Iterable[Description]) -> dict[str, int]:
    counters = dict.fromkeys(("Completed", "InProgress", "RetryableError", "NonRetryableError", "Stopped"), 0)
    for summary in summaries:
        counters[_counter(summary)] += 1
    return counters


def _counter(summary: Description) -> str:
    """API Reference, "TrainingJobStatusCounters"."""
    status = str(summary["TrainingJobStatus"])
    if status == "Failed":
        of_client = summary.get("FailureReason", "").startswith(_CLIENT_ERRORS)
        return "NonRetryableError" if of_client else "RetryableError"
    return "InProgress" if status == "Stopping" else status


def _objective_counters(summaries: Iterable[Description]) -> dict[str, int]:
    counters = dict.fromkeys(("Succeeded", "Pending", "Failed"), 0)
    for summary in summaries:
        counters[summary["ObjectiveStatus"]] += 1
    return counters
