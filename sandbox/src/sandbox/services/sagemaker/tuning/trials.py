"""The training jobs of one tuning job while it searches: launched, looked at, stopped when they lag behind."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.jobs.training_job import TrainingJob, demand
from sandbox.services.sagemaker.jobs.training_jobs import TrainingJobs
from sandbox.services.sagemaker.tuning.description import TERMINAL, Attempt, Record
from sandbox.services.sagemaker.tuning.early_stopping import should_stop
from sandbox.services.sagemaker.tuning.progress import Progress
from sandbox.services.sagemaker.tuning.search import Search
from sandbox.services.sagemaker.tuning.training_request import job_name, resource_configs, training_request


class Trials:
    """The training jobs, as one thread handles them. ``lock`` guards the record, which others read."""

    def __init__(
        self,
        host: Host,
        tags: Tags,
        training_jobs: TrainingJobs,
        *,
        record: Record,
        lock: threading.Lock,
        search: Search,
    ) -> None:
        self._host, self._tags, self._training_jobs = host, tags, training_jobs
        self._record = record
        self._lock = lock
        self._search = search
        self._config: dict[str, Any] = record.description["HyperParameterTuningJobConfig"]
        self._limits: dict[str, Any] = self._config["ResourceLimits"]
        self._objective: dict[str, str] = self._config["HyperParameterTuningJobObjective"]
        self._running: dict[str, tuple[Attempt, TrainingJob]] = {}
        self._completed: list[list[float]] = []
        self._exhausted = False
        self.progress = Progress(self._config)

    @property
    def running(self) -> bool:
        return bool(self._running)

    @property
    def launched(self) -> int:
        return len(self._record.attempts)

    @property
    def all_launched(self) -> bool:
        return self._exhausted or self.launched >= self._limits.get("MaxNumberOfTrainingJobs", float("inf"))

    def launch(self) -> None:
        """Start as many training jobs as may run now. Raises ApiError for one that cannot be created."""
        while not self.all_launched and len(self._running) < self._limits["MaxParallelTrainingJobs"]:
            asked = self._search.ask()
            if asked is None:
                self._exhausted = True
            else:
                self._launch(*asked)

    def look(self) -> None:
        """Read the running jobs' values, stop jobs that lag behind, and note ends."""
        for attempt, job in list(self._running.values()):
            status = job.status  # before its values: those of one that has ended are all there
            values = job.metric_values(self._objective["MetricName"])
            attempt.objective = values[-1] if values else None
            if status in TERMINAL:
                self._note_end(attempt, status, values)
            elif status == "InProgress" and self._lags_behind(values):
                _stop(job)

    def stop(self) -> None:
        """Ask every running one to stop."""
        for _, job in self._running.values():
            _stop(job)

    def _launch(self, number: int, values: dict[str, str]) -> None:
        description = self._record.description
        arn, name = description["HyperParameterTuningJobArn"], description["HyperParameterTuningJobName"]
        attempt = Attempt(number, job_name(name, self.launched + 1), values)
        resources, tags = self._available_resources(), self._tags.listed(arn)
        request = training_request(description, attempt.name, values, resources, tags)
        job = self._training_jobs.launch(request, TuningJobArn=arn)
        with self._lock:
            self._record.attempts.append(attempt)
        self._running[attempt.name] = attempt, job

    def _available_resources(self) -> dict[str, Any]:
        """The first available resources. If none are, its own training job fails for the last."""
        definition, home = self._record.description["TrainingJobDefinition"], self._host.home
        *others, last = resource_configs(definition)
        can_be_had = (each for each in others if demand({**definition, "ResourceConfig": each}).available(home))
        return next(can_be_had, last)

    def _lags_behind(self, values: list[float]) -> bool:
        on = self._config["TrainingJobEarlyStoppingType"] == "Auto"
        return on and should_stop(values, self._completed, self._objective["Type"])

    def _note_end(self, attempt: Attempt, status: str, values: list[float]) -> None:
        del self._running[attempt.name]
        if status == "Completed" and values:
            self._completed.append(values)
        self.progress.add(status, attempt.objective)
        self._search.tell(attempt.number, None if status == "Failed" else attempt.objective)


def _stop(job: TrainingJob) -> None:
    with contextlib.suppress(ValidationException):  # it has ended meanwhile
        job.stop()
