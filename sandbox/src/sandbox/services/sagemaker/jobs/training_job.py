"""One training job, from the download of its channels to the upload of its model."""

from __future__ import annotations

import logging
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.host import Host
from sandbox.frame.permissions import Credentials
from sandbox.services.sagemaker.base.capacity import CAPACITY_ERROR, Demand
from sandbox.services.sagemaker.jobs.execution import INTERRUPTED, MAX_WAIT, REQUESTED, Outcome
from sandbox.services.sagemaker.jobs.job import Job, JobFailed
from sandbox.services.sagemaker.jobs.job_events import JobEvents
from sandbox.services.sagemaker.jobs.metrics import Metrics
from sandbox.services.sagemaker.jobs.training_clock import TrainingClock
from sandbox.services.sagemaker.jobs.training_configuration import write_configuration
from sandbox.services.sagemaker.jobs.training_data import checkpoints, download_channels, upload_artifacts
from sandbox.services.sagemaker.jobs.training_status import enter

_logger = logging.getLogger(__name__)


class _WaitExceeded(Exception):
    """When no spot instances came up until MaxWaitTimeInSeconds was over."""


def demand(request: dict[str, Any]) -> Demand:
    """The instances that a training job wants."""
    purchase = "spot" if request.get("EnableManagedSpotTraining") else "on-demand"
    resources = request["ResourceConfig"]
    return Demand(resources["InstanceType"], "training", purchase, resources["InstanceCount"])


class TrainingJob(Job):
    """A job with the documented life: Starting, Downloading, Training, Uploading, and its end.

    A spot interruption, and an internal error while there are retries, begin it again with Starting.
    Sources: SageMaker API Reference, "SecondaryStatusTransition" and "RetryStrategy"; AWS, "Managed Spot Training
    Lifecycle".
    """

    kind = "Training"
    namespace = "/aws/sagemaker/TrainingJobs"

    def __init__(self, host: Host, events: JobEvents, description: dict[str, Any], credentials: Credentials) -> None:
        super().__init__(host, events, description, credentials)
        self._algorithm = description["AlgorithmSpecification"]
        self._metrics = Metrics(self._algorithm.get("MetricDefinitions", []), self.host, self.namespace, self.name)
        self._description["TrainingJobStatus"] = "InProgress"
        enter(self._description, "Starting")
        self._end_status = "Completed"
        self._clock = TrainingClock()

    @property
    def demand(self) -> Demand:
        return demand(self._description)

    @staticmethod
    def instance_count(description: dict[str, Any]) -> int:
        return description["ResourceConfig"]["InstanceCount"]

    def read_line(self, line: str) -> None:
        self._metrics.read(line)

    def metric_values(self, name: str) -> list[float]:
        """Every value that the job has emitted of a metric, in its order."""
        return self._metrics.values(name)

    def work(self) -> str:
        s3 = self.host.client("s3", self.credentials)
        self._metrics.start()
        try:
            outcome = self._train_to_the_end(s3)
        except _WaitExceeded:
            self.announce_end(MAX_WAIT)
            self._end_status = MAX_WAIT
            return "Stopped"
        finally:
            self._metrics.close()
        if self.execution.killed:
            return "Stopped"
        with self._clock.held.running():
            self._upload(s3, outcome)
        if outcome.stopped:
            self._end_status = outcome.stopped
            return "Stopped"
        return "Completed"

    def end(self, status: str, failure_reason: str | None) -> None:
        with self._lock:
            members: dict[str, Any] = {"TrainingJobStatus": status}
            if failure_reason:
                members["FailureReason"] = failure_reason
            if "TrainingStartTime" in self._description:
                members |= {"TrainingEndTime": now(), **self._clock.bill(self.demand.purchase)}
            self._change(members)
            enter(self._description, status if status == "Failed" else self._end_status)
        self.emit()

    def _mark_stopping(self) -> None:
        super()._mark_stopping()
        enter(self._description, "Stopping")

    def _progress(self, secondary: str, **members: Any) -> None:
        """The next step of a job's life; one that is being stopped keeps its status."""
        with self._lock:
            self._change(members)
            if self.status == "Stopping":
                return
            enter(self._description, secondary)
        self.emit()

    def _train_to_the_end(self, s3: Any) -> Outcome:
        """Attempts, until one ends by itself or is stopped."""
        retries = self._description.get("RetryStrategy", {}).get("MaximumRetryAttempts", 0)
        while True:
            try:
                outcome = self._attempt(s3)
                if outcome.stopped != INTERRUPTED:
                    return outcome
                self._progress(INTERRUPTED)
            except (JobFailed, _WaitExceeded):
                raise
            except Exception:  # what AWS calls an InternalServerError
                if retries == 0 or self.execution.killed:
                    raise
                _logger.exception("%s is tried again", self.arn)
                retries -= 1
            self._progress("Starting")

    def _attempt(self, s3: Any) -> Outcome:
        """Run the job once, from empty disks to the end of its programs."""
        wanted = self.demand
        if wanted.lacks_capacity(self.host.home):
            raise JobFailed(CAPACITY_ERROR)
        if wanted.lacks_spot(self.host.home):
            raise _WaitExceeded  # the wait itself is spared: AWS would let it pass
        with self._clock.held.running():
            self.cluster.prepare(self._algorithm["TrainingImage"])
            self._progress("Downloading", TrainingStartTime=self._description.get("TrainingStartTime", now()))
            download_channels(s3, self.cluster, self._description)
            self.require_room("Data download failed:")
            write_configuration(self.cluster, self._description)
            return self._train(s3)

    def _train(self, s3: Any) -> Outcome:
        self.cluster.folders("model")
        self.cluster.folders("output", "data")
        with checkpoints(s3, self.cluster, self._description):
            if self.execution.stopping:
                return Outcome(stopped=REQUESTED)
            self.cluster.open_logs(self.host, self.namespace, self.name)
            self._progress("Training")
            limits = self._clock.limits(self._description["StoppingCondition"])
            try:
                with self._clock.trained.running():
                    return self.run_programs(
                        self._algorithm, limits, self._description["ResourceConfig"]["VolumeSizeInGB"]
                    )
            finally:
                with self._lock:
                    self._change({"FinalMetricDataList": self._metrics.final()})

    def _upload(self, s3: Any, outcome: Outcome) -> None:
        """Send what the job made. Raises JobFailed if it failed, or if that cannot be sent."""
        self._progress("Uploading")
        failure = JobFailed(f"AlgorithmError: {self._failure(outcome)}, exit code: {outcome.exit_code}")
        try:
            self.require_room("Artifact upload failed:")
            model = upload_artifacts(s3, self.cluster, self._description)
        except JobFailed as error:
            raise failure if outcome.exit_code else error from error
        with self._lock:
            self._change({"ModelArtifacts": {"S3ModelArtifacts": model}})
        if outcome.exit_code:
            raise failure

    def _failure(self, outcome: Outcome) -> str:
        """The failed container's text in output/failure, or an empty string."""
        path = self.cluster.folder / (outcome.host or "") / "output" / "failure"
        return path.read_text(errors="replace").strip()[:900] if path.is_file() else ""
