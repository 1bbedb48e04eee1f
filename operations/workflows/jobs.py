"""The jobs of an execution, and the end of their logs.

A job's name contains hexadecimal digits of its execution ARN's hash, so an execution's jobs are found by name.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import is_missing
from operations.workflows import tuning_jobs
from specs import names

LOG_GROUPS = {"Training": "/aws/sagemaker/TrainingJobs", "Processing": "/aws/sagemaker/ProcessingJobs"}
_STOP: dict[str, Callable[[Any, str], Any]] = {
    "Tuning": lambda client, name: client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name),
    "Training": lambda client, name: client.stop_training_job(TrainingJobName=name),
    "Processing": lambda client, name: client.stop_processing_job(ProcessingJobName=name),
}
_ENDED = {"Completed", "Failed", "Stopped"}
_METRIC = re.compile(r"^metric (?P<name>\S+)=(?P<value>[0-9.eE+-]+)")
# Lines of TensorFlow's own code are about the machine, not about the progress.
_NOISE = re.compile(
    r"^([IWEF]\d{4} |WARNING: All log messages|To enable the following|\d{4}-\d\d-\d\d .*(tensorflow|xla)/)"
)
_LINES = 40


@dataclass(frozen=True)
class JobView:
    """A job at one moment: the latest value of each metric in its log, and the last other line."""

    name: str
    kind: str
    status: str
    metrics: dict[str, float]
    line: str


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


def current(connection: Connection, execution_arn: str, started: datetime) -> JobView | None:
    """The current job of an execution, with the end of its log; None between jobs.

    During a search for hyperparameters that is the tuning job, not one of its training jobs.
    """
    active = _active(connection, execution_arn, started)
    if not active:
        return None
    job = max(active, key=lambda found: (found.kind == "Tuning", found.created))
    if job.kind == "Tuning":
        metrics, line = tuning_jobs.progress(connection, job.name)
    else:
        metrics, line = read_log(_log(connection, job.kind, job.name))
    return JobView(job.name, job.kind, job.status, metrics, line)


def any_active(connection: Connection, execution_arn: str, started: datetime, prefix: str) -> bool:
    """Tell whether a job of an execution whose name begins so has not ended."""
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


def read_log(lines: Iterable[str]) -> tuple[dict[str, float], str]:
    """Read the latest value of each metric, and the last other line, of a log."""
    metrics: dict[str, float] = {}
    last = ""
    for line in lines:
        if found := _METRIC.match(line):
            with contextlib.suppress(ValueError):
                metrics[found["name"]] = float(found["value"])
        elif line.strip() and not _NOISE.match(line):
            last = line.strip()
    return metrics, last


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


def _log(connection: Connection, kind: str, job: str) -> list[str]:
    logs, group = connection.client("logs"), LOG_GROUPS[kind]
    try:
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/")["logStreams"]
        if not streams:
            return []
        events = logs.get_log_events(
            logGroupName=group, logStreamName=streams[0]["logStreamName"], limit=_LINES, startFromHead=False
        )["events"]
    except ClientError as error:
        if is_missing(error):  # nothing was printed yet
            return []
        raise
    return [event["message"] for event in events]
