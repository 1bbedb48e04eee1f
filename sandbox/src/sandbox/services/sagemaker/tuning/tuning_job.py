"""One hyperparameter tuning job: it launches training jobs, looks at what they emit, and ends."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ApiError, ValidationException
from sandbox.frame.host import Host
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.jobs.job import INTERNAL_ERROR
from sandbox.services.sagemaker.jobs.job_events import JobEvents
from sandbox.services.sagemaker.jobs.training_jobs import TrainingJobs
from sandbox.services.sagemaker.tuning.description import TERMINAL, Description, Record
from sandbox.services.sagemaker.tuning.ranges import ranges
from sandbox.services.sagemaker.tuning.search import Search
from sandbox.services.sagemaker.tuning.trials import Trials

_POLL = 0.1
_LONGEST_REASON = 1024

_logger = logging.getLogger(__name__)


class TuningJob:
    """A job and its thread. One of an earlier run of the sandbox has no thread, and has ended."""

    def __init__(self, host: Host, tags: Tags, training_jobs: TrainingJobs, record: Record) -> None:
        self._host, self._tags, self._training_jobs = host, tags, training_jobs
        self._events = JobEvents(host, tags)
        self.name: str = record.description["HyperParameterTuningJobName"]
        self.arn: str = record.description["HyperParameterTuningJobArn"]
        self._record = record
        self._config = record.description["HyperParameterTuningJobConfig"]
        self._lock = threading.Lock()
        self._stopping, self._closing, self._ended = threading.Event(), threading.Event(), threading.Event()

    @property
    def status(self) -> str:
        return str(self._record.description["HyperParameterTuningJobStatus"])

    def start(self) -> None:
        self.emit()
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
        with self._lock:
            if self.status in TERMINAL:
                raise ValidationException(
                    f"The request was rejected because the hyperparameter tuning job is in status {self.status}."
                )
            if self._stopping.is_set():
                return
            self._stopping.set()
            self._write(HyperParameterTuningJobStatus="Stopping")
        self.emit()

    def close(self, seconds: float) -> None:
        """Launch nothing more, as the sandbox is ending."""
        self._closing.set()
        if self.status not in TERMINAL:
            self._ended.wait(seconds)

    def end_cut_off(self) -> None:
        """End a job that an earlier run of the sandbox left running."""
        stopped = self.status == "Stopping"
        self._end("Stopped" if stopped else "Failed", None if stopped else INTERNAL_ERROR)

    def emit(self) -> None:
        """Publish the description as AWS does at every change of status."""
        self._events.send("HyperParameter Tuning", self.arn, self.describe())

    def _training_job(self, name: str) -> Description:
        return self._training_jobs.find(name).describe()

    def _change(self, **members: Any) -> None:
        with self._lock:
            self._write(**members)
        self.emit()

    def _write(self, **members: Any) -> None:
        self._record.description.update(members, LastModifiedTime=now())

    def _end(self, status: str, reason: str | None, not_improving: int = 0) -> None:
        ended = now()
        runtime = (ended - self._record.description["CreationTime"]).total_seconds()
        self._change(
            HyperParameterTuningJobStatus=status,
            HyperParameterTuningEndTime=ended,
            ConsumedResources={"RuntimeInSeconds": round(runtime)},
            TuningJobCompletionDetails={"NumberOfTrainingJobsObjectiveNotImproving": not_improving},
            **({"FailureReason": reason[:_LONGEST_REASON]} if reason else {}),
        )

    def _run(self) -> None:
        try:
            trials = Trials(
                self._host,
                self._tags,
                self._training_jobs,
                record=self._record,
                lock=self._lock,
                search=self._search(),
            )
            status, reason = self._outcome(trials)
            self._await_end(trials)
            if not self._closing.is_set():
                self._end(status, reason, trials.progress.not_improving)
        finally:
            self._ended.set()

    def _search(self) -> Search:
        from sandbox.services.sagemaker.tuning.samplers import search  # Optuna's import takes a third of a second

        static = self._record.description["TrainingJobDefinition"]["StaticHyperParameters"]
        found = ranges(self._config["ParameterRanges"], static)
        goal = self._config["HyperParameterTuningJobObjective"]["Type"]
        return search(self._config["Strategy"], goal, found, self._config.get("RandomSeed"))

    def _outcome(self, trials: Trials) -> tuple[str, str | None]:
        """The terminal status and the failure's reason; training jobs may still run."""
        try:
            return self._tune(trials)
        except ApiError as refusal:  # a training job that could not be created
            return "Failed", refusal.message
        except Exception as error:
            _logger.exception("%s", self.arn)
            return "Failed", f"{INTERNAL_ERROR} ({error!r})"

    def _tune(self, trials: Trials) -> tuple[str, str | None]:
        deadline = time.monotonic() + self._config["ResourceLimits"].get("MaxRuntimeInSeconds", float("inf"))
        while not self._closing.is_set():
            trials.look()
            if verdict := self._verdict(trials, deadline):
                return verdict
            trials.launch()
            self._closing.wait(_POLL)
        return self.status, None

    def _verdict(self, trials: Trials, deadline: float) -> tuple[str, str | None] | None:
        """The job's terminal status and reason, if it ends now."""
        if self._stopping.is_set():
            return "Stopped", None
        done = trials.all_launched and not trials.running
        return trials.progress.verdict(nothing_left=done or time.monotonic() >= deadline)

    def _await_end(self, trials: Trials) -> None:
        """Stop the training jobs that still run, and see them end."""
        trials.stop()
        while trials.running and not self._closing.wait(_POLL):
            trials.look()
