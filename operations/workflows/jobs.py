"""The jobs of an execution.

A job's name contains hexadecimal digits of its execution ARN's hash, so an execution's jobs are found by name.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.workflows.history import StateProgress
from operations.workflows.job_log import LogEnd, log_end
from operations.workflows.tuning_jobs import Search, search
from specs import names

_STOP: dict[str, Callable[[Any, str], Any]] = {
    "Tuning": lambda client, name: client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name),
    "Training": lambda client, name: client.stop_training_job(TrainingJobName=name),
    "Processing": lambda client, name: client.stop_processing_job(ProcessingJobName=name),
}
_ENDED = {"Completed", "Failed", "Stopped"}


@dataclass(frozen=True)
class JobView:
    """A job at one moment: the end of its log, and the trials of a tuning job.

    `phase` is the sentence of AWS while a training job prints nothing (instances, download, interruption), else empty;
    `interruptions` counts how often spot instances were taken away from it.
    """

    name: str
    kind: str
    phase: str = ""
    interruptions: int = 0
    log: LogEnd = field(default_factory=LogEnd)
    search: Search | None = None


@dataclass(frozen=True)
class _Job:
    """A job in SageMaker's lists; `kind` is "Tuning", "Training" or "Processing"."""

    name: str
    kind: str
    status: str
    created: datetime


def digest(execution_arn: str) -> str:
    """The 16 hexadecimal digits in the keys of an execution's files. Its jobs' names have the first."""
    return hashlib.sha256(execution_arn.encode()).hexdigest()[:16]


class CurrentJob:
    """The current job of an execution; SageMaker's lists are asked only when the states change.

    A look otherwise takes three calls for a training job, and two for a processing job, besides those for the states.
    """

    def __init__(self, connection: Connection, execution_arn: str, started: datetime) -> None:
        self._connection, self._arn, self._started = connection, execution_arn, started
        self._states: tuple[StateProgress, ...] = ()
        self._job: _Job | None = None

    def look(self, states: tuple[StateProgress, ...]) -> JobView | None:
        """The job of these running states; None between jobs.

        During a search for hyperparameters that is the tuning job, not one of its training jobs.
        """
        if self._job is None or states != self._states:
            active = _active(self._connection, self._arn, self._started)
            self._job = max(active, key=lambda found: (found.kind == "Tuning", found.created), default=None)
            self._states = states
        if self._job is None:
            return None
        return _LOOK[self._job.kind](self._connection, self._job.name)


def _look_at_search(connection: Connection, name: str) -> JobView:
    return JobView(name, "Tuning", search=search(connection, name))


def _look_at_processing(connection: Connection, name: str) -> JobView:
    return JobView(name, "Processing", log=log_end(connection, "Processing", name))


def _look_at_training(connection: Connection, name: str) -> JobView:
    described = connection.client("sagemaker").describe_training_job(TrainingJobName=name)
    transitions = described.get("SecondaryStatusTransitions", [])
    prints = described["SecondaryStatus"] == "Training"
    return JobView(
        name,
        "Training",
        phase="" if prints or not transitions else transitions[-1].get("StatusMessage", described["SecondaryStatus"]),
        interruptions=sum(transition["Status"] == "Interrupted" for transition in transitions),
        log=log_end(connection, "Training", name),
    )


_LOOK: dict[str, Callable[[Connection, str], JobView]] = {
    "Tuning": _look_at_search,
    "Training": _look_at_training,
    "Processing": _look_at_processing,
}


def any_active(connection: Connection, execution_arn: str, started: datetime, prefix: str) -> bool:
    """Tell whether a job of an execution, with this start of its name, runs."""
    return any(job.name.startswith(prefix) for job in _active(connection, execution_arn, started))


def stop_all(connection: Connection, execution_arn: str, started: datetime) -> int:
    """Ask every running job of an execution to stop; returns their number.

    The tuning job comes first, so that it starts no more training jobs.
    """
    active = _active(connection, execution_arn, started)
    sagemaker = connection.client("sagemaker")
    for job in active:
        with contextlib.suppress(ClientError):  # it may have ended meanwhile
            if job.status != "Stopping":
                _STOP[job.kind](sagemaker, job.name)
    return len(active)


def _active(connection: Connection, execution_arn: str, started: datetime) -> list[_Job]:
    """The jobs of an execution that have not ended, tuning jobs first."""
    sagemaker = connection.client("sagemaker")
    wanted = {
        "NameContains": digest(execution_arn)[: names.JOB_DIGITS],
        "CreationTimeAfter": started,
        "MaxResults": 100,
    }
    tuning = sagemaker.list_hyper_parameter_tuning_jobs(**wanted)["HyperParameterTuningJobSummaries"]
    jobs = [
        _Job(job[f"{prefix}JobName"], kind, job[f"{prefix}JobStatus"], job["CreationTime"])
        for kind, prefix, found in (
            ("Tuning", "HyperParameterTuning", tuning),
            ("Training", "Training", sagemaker.list_training_jobs(**wanted)["TrainingJobSummaries"]),
            ("Processing", "Processing", sagemaker.list_processing_jobs(**wanted)["ProcessingJobSummaries"]),
        )
        for job in found
    ]
    return [job for job in jobs if job.status not in _ENDED]
