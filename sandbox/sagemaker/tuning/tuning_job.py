"""One hyperparameter tuning job: it launches training jobs, looks at what they emit, and ends."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from sandbox.sagemaker.api.clock import now, with_epoch_millis
from sandbox.sagemaker.api.errors import ApiError, ValidationException
from sandbox.sagemaker.jobs.job import INTERNAL_ERROR
from sandbox.sagemaker.jobs.training_job import TrainingJob, demand
from sandbox.sagemaker.tuning.description import TERMINAL, Attempt, Description, Record
from sandbox.sagemaker.tuning.early_stopping import should_stop
from sandbox.sagemaker.tuning.progress import ATTEMPTS, Progress
from sandbox.sagemaker.tuning.ranges import ranges
from sandbox.sagemaker.tuning.training_request import job_name, resource_configs, training_request

if TYPE_CHECKING:
    from sandbox.sagemaker.service import SageMaker
    from sandbox.sagemaker.tuning.search import Search

_POLL = 0.1
_LONGEST_REASON = 1024

_logger = logging.getLogger(__name__)


class TuningJob:
    """A job and its thread. One of an earlier run of the sandbox has no thread, and has ended."""

    def __init__(self, service: SageMaker, record: Record) -> None:
        self.service = service
        self.name: str = record.description["HyperParameterTuningJobName"]
        self.arn: str = record.description["HyperParameterTuningJobArn"]
        self._record = record
        self._config = record.description["HyperParameterTuningJobConfig"]
        self._goal: str = self._config["HyperParameterTuningJobObjective"]["Type"]
        self._metric: str = self._config["HyperParameterTuningJobObjective"]["MetricName"]
        self._lock = threading.Lock()
        self._stopping, self._closing, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._progress = Progress(self._config)
        self._running: dict[str, tuple[Attempt, TrainingJob]] = {}
        self._completed: list[list[float]] = []
        self._exhausted = False

    @property
    def status(self) -> str:
        return str(self._record.description["HyperParameterTuningJobStatus"])

    def start(self) -> None:
        self._change(HyperParameterTuningJobStatus="InProgress")
        threading.Thread(target=self._run, name=self.arn, daemon=True).start()

    def describe(self) -> Description:
        with self._lock:
            return self._record.describe(self._training_job)

    def summaries(self) -> list[Description]:
        """HyperParameterTrainingJobSummary of each of its training jobs."""
        with self._lock:
            return self._record.summaries(self._training_job)

    def state(self) -> dict[str, Any]:
        with self._lock:
            return self._record.state()

    def stop(self) -> None:
        """Ask the job to stop. Raises ValidationException if it has ended; stopping twice is no fault."""
        if self.status in TERMINAL:
            raise ValidationException(
                f"The request was rejected because the hyperparameter tuning job is in status {self.status}."
            )
        if not self._stopping.is_set():
            self._stopping.set()
            self._change(HyperParameterTuningJobStatus="Stopping")

    def close(self, seconds: float) -> None:
        """The sandbox is ending: launch nothing more."""
        self._closing.set()
        if self.status not in TERMINAL:
            self._ended.wait(seconds)

    def end_cut_off(self) -> None:
        """End one that an earlier run of the sandbox left running, as its training jobs have ended."""
        stopped = self.status == "Stopping"
        self._end("Stopped" if stopped else "Failed", None if stopped else INTERNAL_ERROR)

    def emit(self) -> None:
        """Publish the description as AWS does at every change of status; a lost event must not fail the job."""
        detail = with_epoch_millis(self.describe())
        detail["Tags"] = {tag["Key"]: tag["Value"] for tag in self.service.tags.of(self.arn)}
        try:
            self.service.host.emit("SageMaker HyperParameter Tuning Job State Change", detail, [self.arn])
        except Exception:
            _logger.exception("no event of %s", self.arn)

    def _training_job(self, name: str) -> Description:
        return self.service.training_jobs.find(name).describe()

    def _change(self, **members: Any) -> None:
        with self._lock:
            self._record.description.update(members, LastModifiedTime=now())
        self.emit()

    def _end(self, status: str, reason: str | None) -> None:
        ended = now()
        runtime = (ended - self._record.description["CreationTime"]).total_seconds()
        self._change(
            HyperParameterTuningJobStatus=status,
            HyperParameterTuningEndTime=ended,
            ConsumedResources={"RuntimeInSeconds": round(runtime)},
            TuningJobCompletionDetails={"NumberOfTrainingJobsObjectiveNotImproving": self._progress.not_improving},
            **({"FailureReason": reason[:_LONGEST_REASON]} if reason else {}),
        )

    def _run(self) -> None:
        try:
            status, reason = self._outcome()
            if not self._closing.is_set():
                self._end(status, reason)
        finally:
            self._ended.set()

    def _outcome(self) -> tuple[str, str | None]:
        """The terminal status and the failure's reason."""
        try:
            return self._tune()
        except ApiError as refusal:  # a training job that could not be created
            outcome = "Failed", refusal.message
        except Exception as error:
            _logger.exception("%s", self.arn)
            outcome = "Failed", f"{INTERNAL_ERROR} ({error!r})"
        self._stop_training_jobs()
        self._await_training_jobs()
        return outcome

    def _tune(self) -> tuple[str, str | None]:
        from sandbox.sagemaker.tuning.search import search  # Optuna's import takes a third of a second

        definition, limits = self._record.description["TrainingJobDefinition"], self._config["ResourceLimits"]
        seed = self._config.get("RandomSeed")
        found = ranges(self._config["ParameterRanges"], definition["StaticHyperParameters"])
        searching = search(self._config["Strategy"], self._goal, found, seed)
        deadline = time.monotonic() + limits.get("MaxRuntimeInSeconds", float("inf"))
        while not self._closing.is_set():
            self._look(searching)
            if verdict := self._verdict(deadline):
                self._stop_training_jobs()
                self._await_training_jobs(searching)
                return verdict
            while self._may_launch(limits):
                self._launch(searching, definition)
            self._closing.wait(_POLL)
        return self.status, None

    def _verdict(self, deadline: float) -> tuple[str, str | None] | None:
        """How the job ends, if it does now."""
        if self._stopping.is_set():
            return "Stopped", None
        done = self._all_launched() and not self._running
        if reason := self._progress.hopeless(min(ATTEMPTS, len(self._record.attempts)) if done else ATTEMPTS):
            return "Failed", reason
        if done or self._progress.enough() or time.monotonic() >= deadline:
            return "Completed", None
        return None

    def _all_launched(self) -> bool:
        most = self._config["ResourceLimits"].get("MaxNumberOfTrainingJobs", float("inf"))
        return self._exhausted or len(self._record.attempts) >= most

    def _may_launch(self, limits: dict[str, int]) -> bool:
        return not self._all_launched() and len(self._running) < limits["MaxParallelTrainingJobs"]

    def _launch(self, searching: Search, definition: dict[str, Any]) -> None:
        asked = searching.ask()
        if asked is None:
            self._exhausted = True
            return
        number, values = asked
        attempt = Attempt(number, job_name(self.name, len(self._record.attempts) + 1), values)
        resources = self._available(resource_configs(definition))
        tags = self.service.tags.of(self.arn)
        request = training_request(self._record.description, attempt.name, values, resources, tags)
        job = self.service.training_jobs.launch(request, TuningJobArn=self.arn)
        with self._lock:
            self._record.attempts.append(attempt)
        self._running[attempt.name] = attempt, job

    def _available(self, configs: list[dict[str, Any]]) -> dict[str, Any]:
        """The first that can be had now; of the last one its own training job tells what is missing."""
        definition, home = self._record.description["TrainingJobDefinition"], self.service.host.home
        for resources in configs[:-1]:
            if demand({**definition, "ResourceConfig": resources}).available(home):
                return resources
        return configs[-1]

    def _look(self, searching: Search) -> None:
        """Take what the running training jobs emitted, stop those that lag behind, and note those that ended."""
        for attempt, job in list(self._running.values()):
            status = job.status  # before its values: those of one that has ended are all there
            values = job.metric_values(self._metric)
            attempt.objective = values[-1] if values else None
            if status in TERMINAL:
                self._note_end(searching, attempt, status, values)
            elif self._lags_behind(values) and status == "InProgress":
                _stop(job)

    def _lags_behind(self, values: list[float]) -> bool:
        on = self._config["TrainingJobEarlyStoppingType"] == "Auto"
        return on and should_stop(values, self._completed, self._goal)

    def _note_end(self, searching: Search, attempt: Attempt, status: str, values: list[float]) -> None:
        del self._running[attempt.name]
        if status == "Completed" and values:
            self._completed.append(values)
        self._progress.add(status, attempt.objective)
        searching.tell(attempt.number, None if status == "Failed" else attempt.objective)

    def _stop_training_jobs(self) -> None:
        for _, job in self._running.values():
            _stop(job)

    def _await_training_jobs(self, searching: Search | None = None) -> None:
        """Until the training jobs that were stopped have ended; their objectives are noted, if anybody searches."""
        while self._running and not self._closing.wait(_POLL):
            if searching is not None:
                self._look(searching)
            else:
                self._running = {name: each for name, each in self._running.items() if each[1].status not in TERMINAL}


def _stop(job: TrainingJob) -> None:
    with contextlib.suppress(ValidationException):  # it has ended meanwhile
        job.stop()
