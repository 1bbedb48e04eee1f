"""Hyperparameter tuning jobs: create, describe, list, stop, delete, and list their training jobs."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.listing import ALL_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.sagemaker.errors import ResourceInUse, ResourceLimitExceeded, ResourceNotFound
from sandbox.services.sagemaker.jobs.training_job import demand
from sandbox.services.sagemaker.tuning import tuning_requests
from sandbox.services.sagemaker.tuning.description import TERMINAL, Record, objective_of
from sandbox.services.sagemaker.tuning.training_request import job_name, resource_configs, training_request
from sandbox.services.sagemaker.tuning.tuning_job import TuningJob

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

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
_LISTING = Listing("HyperParameterTuningJobSummaries", _NAME, "HyperParameterTuningJobStatus", "Ascending")
_BY_OBJECTIVE = "FinalObjectiveMetricValue"
_TRAINING_JOBS = Listing(
    "TrainingJobSummaries",
    "TrainingJobName",
    "TrainingJobStatus",
    "Ascending",
    {_BY_OBJECTIVE: objective_of},
)
_LONGEST_CLOSE = 2.0


class TuningJobs:
    """Every hyperparameter tuning job that was created and not deleted."""

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._jobs: dict[str, TuningJob] = {}
        self._cut_off: list[TuningJob] = []

    def find(self, name: str) -> TuningJob:
        """The job of this name. Raises ResourceNotFound."""
        with self._lock:
            if name not in self._jobs:
                raise ResourceNotFound(_missing(name))
            return self._jobs[name]

    @operation(accepts=tuning_requests.ACCEPTED, only=tuning_requests.ONLY, reduced=tuning_requests.REDUCED)
    def create_hyper_parameter_tuning_job(self, request: Request) -> Response:
        name = request[_NAME]
        arn = self.service.arn(f"hyper-parameter-tuning-job/{name}")
        self._require_new(name, arn)
        tuning_requests.check(request)
        self._require_startable(request)
        self.service.tags.set(arn, request.pop("Tags", []))
        moment = now()
        times = {"CreationTime": moment, "LastModifiedTime": moment}
        own = {"HyperParameterTuningJobArn": arn, "HyperParameterTuningJobStatus": "InProgress", **times}
        job = TuningJob(self.service, Record({**request, **own}))
        with self._lock:
            self._require_unlocked(name, arn)
            self._jobs[name] = job
        job.start()
        return {"HyperParameterTuningJobArn": arn}

    @operation(accepts={_NAME})
    def describe_hyper_parameter_tuning_job(self, request: Request) -> Response:
        return self.find(request[_NAME]).describe()

    @operation(accepts={*ALL_FILTERS, "StatusEquals"})
    def list_hyper_parameter_tuning_jobs(self, request: Request) -> Response:
        jobs = [job.describe() for job in self._all() if request.get("StatusEquals", job.status) == job.status]
        records = (_summary(job) for job in jobs)
        return _LISTING.page(records, {"SortBy": "Name", **request})

    @operation(accepts={_NAME, "StatusEquals", "SortBy", "SortOrder", "MaxResults", "NextToken"})
    def list_training_jobs_for_hyper_parameter_tuning_job(self, request: Request) -> Response:
        """By objective, those without one are left out (API Reference, SortBy)."""
        jobs = self.find(request[_NAME]).summaries()
        status, by = request.get("StatusEquals"), request.get("SortBy")
        jobs = [job for job in jobs if status in (None, job["TrainingJobStatus"])]
        if by == _BY_OBJECTIVE:
            jobs = [job for job in jobs if "FinalHyperParameterTuningJobObjectiveMetric" in job]
        return _TRAINING_JOBS.page(jobs, {"SortBy": "Name", **request})

    @operation(accepts={_NAME})
    def stop_hyper_parameter_tuning_job(self, request: Request) -> Response:
        self.find(request[_NAME]).stop()
        return {}

    @operation(accepts={_NAME})
    def delete_hyper_parameter_tuning_job(self, request: Request) -> Response:
        """Forgets the tuning job alone; its training jobs stay. The operation models no error of its own."""
        name = request[_NAME]
        with self._lock:
            job = self._jobs.get(name)
            if job is None:
                raise ValidationException(_missing(name))
            if job.status not in TERMINAL:
                raise ValidationException(
                    f"The hyperparameter tuning job {name} is in status {job.status}: stop it, and delete it when it "
                    "has ended."
                )
            del self._jobs[name]
        self.service.tags.drop(job.arn)
        return {}

    def close(self) -> None:
        """Launch no more training jobs."""
        for job in self._all():
            job.close(_LONGEST_CLOSE)

    def state(self) -> dict[str, dict[str, Any]]:
        return {job.name: job.state() for job in self._all()}

    def restore(self, state: dict[str, dict[str, Any]]) -> None:
        self._jobs = {name: TuningJob(self.service, Record.of(kept)) for name, kept in state.items()}
        self._cut_off = [job for job in self._jobs.values() if job.status not in TERMINAL]

    def resume(self) -> None:
        """End those that the sandbox's end cut off, and tell the event bus."""
        for job in self._cut_off:
            job.end_cut_off()
        self._cut_off = []

    def _all(self) -> list[TuningJob]:
        with self._lock:
            return list(self._jobs.values())

    def _require_new(self, name: str, arn: str) -> None:
        with self._lock:
            self._require_unlocked(name, arn)

    def _require_unlocked(self, name: str, arn: str) -> None:
        if name in self._jobs:
            raise ResourceInUse(
                "Hyperparameter tuning job names must be unique within an AWS account and region, and a hyperparameter "
                f"tuning job with this name already exists ({arn})"
            )

    def _require_startable(self, request: Request) -> None:
        """A tuning job is refused for what would refuse each of its training jobs."""
        definition = request["TrainingJobDefinition"]
        configs = resource_configs(definition)
        _require_quota([demand({**definition, "ResourceConfig": each}) for each in configs], self.service.host.home)
        name = job_name(request[_NAME], 1)
        for resources in configs:
            self.service.training_jobs.require_startable(training_request(request, name, {}, resources, []))


def _require_quota(demands: Iterable[Any], home: Any) -> None:
    """Raise the last ResourceLimitExceeded, if there is quota for none of them."""
    refusal: ResourceLimitExceeded | None = None
    for each in demands:
        try:
            each.require_quota(home)
        except ResourceLimitExceeded as error:
            refusal = error
        else:
            return
    if refusal is not None:
        raise refusal


def _summary(job: dict[str, Any]) -> dict[str, Any]:
    config = job["HyperParameterTuningJobConfig"]
    own = {"Strategy": config["Strategy"], "ResourceLimits": config["ResourceLimits"]}
    return {**{member: job[member] for member in _SUMMARY if member in job}, **own}


def _missing(name: str) -> str:
    return f"Amazon SageMaker can't find a tuning job with the name {name}."
