"""Hyperparameter tuning jobs: create, describe, list, stop, delete, and list their training jobs."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.listing import ALL_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.base.errors import ResourceInUse, ResourceLimitExceeded, ResourceNotFound
from sandbox.services.sagemaker.jobs.training_job import demand
from sandbox.services.sagemaker.jobs.training_jobs import TrainingJobs
from sandbox.services.sagemaker.tuning import tuning_requests
from sandbox.services.sagemaker.tuning.description import TERMINAL, Record, objective_of
from sandbox.services.sagemaker.tuning.training_request import job_name, resource_configs, training_request
from sandbox.services.sagemaker.tuning.tuning_job import TuningJob

_NAME = "HyperParameterTuningJobName"
_SUMMARY = (
    _NAME,
    "HyperParameterTuningJobArn",
    "HyperParameterTuningJobStatus",
    "CreationTime",
    "HyperParameterTuningEndTime",
    "LastModifiedTime",
    "TrainingJobStatusCounters",
    "ObjectiveStatusCounters",
)
_LISTING = Listing("HyperParameterTuningJobSummaries", _NAME, "HyperParameterTuningJobStatus", "Ascending", by="Name")
_BY_OBJECTIVE = "FinalObjectiveMetricValue"
_TRAINING_JOBS = Listing(
    "TrainingJobSummaries",
    "TrainingJobName",
    "TrainingJobStatus",
    "Ascending",
    by="Name",
    keys={_BY_OBJECTIVE: objective_of},
)
_MISSING = "Amazon SageMaker can't find a tuning job with the name {key}."
_TAKEN = (
    "Hyperparameter tuning job names must be unique within an AWS account and region, and a hyperparameter tuning job "
    "with this name already exists"
)
_LONGEST_CLOSE = 2.0


class TuningJobs:
    """Every hyperparameter tuning job that was created and not deleted."""

    def __init__(self, host: Host, tags: Tags, training_jobs: TrainingJobs) -> None:
        self._host, self._tags, self._training_jobs = host, tags, training_jobs
        self._arn = host.arn("sagemaker", "hyper-parameter-tuning-job/{key}")
        missing = refusal(_MISSING, ResourceNotFound)
        taken = refusal(f"{_TAKEN} ({self._arn})", ResourceInUse)
        self._store = Store[str, TuningJob](tags, attrgetter("arn"), missing, taken)
        self._cut_off: list[TuningJob] = []

    def find(self, name: str) -> TuningJob:
        """The job of this name. Raises ResourceNotFound."""
        return self._store.find(name)

    @operation(accepts=tuning_requests.ACCEPTED, only=tuning_requests.ONLY, reduced=tuning_requests.REDUCED)
    def create_hyper_parameter_tuning_job(self, request: Request) -> Response:
        name = request[_NAME]
        self._store.require_new(name)
        tuning_requests.check(request)
        self._require_startable(request)
        tags, moment = request.pop("Tags", []), now()
        times = {"CreationTime": moment, "LastModifiedTime": moment}
        own = {
            "HyperParameterTuningJobArn": self._arn.format(key=name),
            "HyperParameterTuningJobStatus": "InProgress",
            **times,
        }
        job = self._job(Record({**request, **own}))
        self._store.add(name, job, tags)
        job.start()
        return {"HyperParameterTuningJobArn": job.arn}

    @operation(accepts={_NAME})
    def describe_hyper_parameter_tuning_job(self, request: Request) -> Response:
        return self.find(request[_NAME]).describe()

    @operation(accepts={*ALL_FILTERS, "StatusEquals"})
    def list_hyper_parameter_tuning_jobs(self, request: Request) -> Response:
        return _LISTING.page((_summary(job.describe()) for job in self._store.all()), request)

    @operation(accepts={_NAME, "StatusEquals", "SortBy", "SortOrder", "MaxResults", "NextToken"})
    def list_training_jobs_for_hyper_parameter_tuning_job(self, request: Request) -> Response:
        """By objective, those without one are left out (API Reference, SortBy)."""
        jobs = self.find(request[_NAME]).summaries()
        if request.get("SortBy") == _BY_OBJECTIVE:
            jobs = [job for job in jobs if "FinalHyperParameterTuningJobObjectiveMetric" in job]
        return _TRAINING_JOBS.page(jobs, request)

    @operation(accepts={_NAME})
    def stop_hyper_parameter_tuning_job(self, request: Request) -> Response:
        self.find(request[_NAME]).stop()
        return {}

    @operation(accepts={_NAME})
    def delete_hyper_parameter_tuning_job(self, request: Request) -> Response:
        """Forgets the tuning job alone; its training jobs stay. The operation models no error of its own."""
        name = request[_NAME]
        job = self._store.get(name)
        if job is None:
            raise ValidationException(_MISSING.format(key=name))
        if job.status not in TERMINAL:
            raise ValidationException(
                f"The hyperparameter tuning job {name} is in status {job.status}: stop it, and delete it when it has "
                "ended."
            )
        self._store.remove(name)
        return {}

    def close(self) -> None:
        """Launch no more training jobs."""
        for job in self._store.all():
            job.close(_LONGEST_CLOSE)

    def state(self) -> dict[str, dict[str, Any]]:
        """The records by name, for the state that survives the sandbox's end."""
        return {job.name: job.state() for job in self._store.all()}

    def restore(self, state: dict[str, dict[str, Any]]) -> None:
        """Take the tuning jobs of an earlier run, before the first request."""
        self._store.restore({name: self._job(Record.of(kept)) for name, kept in state.items()})
        self._cut_off = [job for job in self._store.all() if job.status not in TERMINAL]

    def resume(self) -> None:
        """End those that the sandbox's end cut off, and tell the event bus."""
        for job in self._cut_off:
            job.end_cut_off()
        self._cut_off = []

    def _job(self, record: Record) -> TuningJob:
        return TuningJob(self._host, self._tags, self._training_jobs, record)

    def _require_startable(self, request: Request) -> None:
        """A tuning job is refused for what would refuse each of its training jobs."""
        definition = request["TrainingJobDefinition"]
        configs = resource_configs(definition)
        _require_quota([demand({**definition, "ResourceConfig": each}) for each in configs], self._host.home)
        name = job_name(request[_NAME], 1)
        for resources in configs:
            self._training_jobs.require_startable(training_request(request, name, {}, resources, []))


def _require_quota(demands: Iterable[Any], home: Any) -> None:
    """Raise the last ResourceLimitExceeded, if there is quota for none of them."""
    lacking: ResourceLimitExceeded | None = None
    for each in demands:
        try:
            each.require_quota(home)
        except ResourceLimitExceeded as error:
            lacking = error
        else:
            return
    if lacking is not None:
        raise lacking


def _summary(job: dict[str, Any]) -> dict[str, Any]:
    config = job["HyperParameterTuningJobConfig"]
    own = {"Strategy": config["Strategy"], "ResourceLimits": config["ResourceLimits"]}
    return {**{member: job[member] for member in _SUMMARY if member in job}, **own}
