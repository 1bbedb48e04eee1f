"""One training job, from the download of its channels to the upload of its model."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from sandbox.host import Credentials
from sandbox.sagemaker.api.capacity import CAPACITY_ERROR, Demand
from sandbox.sagemaker.api.clock import now
from sandbox.sagemaker.containers.container import HOSTNAME
from sandbox.sagemaker.containers.logs import LogStream
from sandbox.sagemaker.containers.s3_transfer import TRANSFER_ERRORS, S3Location, download, encryption, upload_archive
from sandbox.sagemaker.jobs.checkpoints import Checkpoints
from sandbox.sagemaker.jobs.execution import MAX_RUNTIME, REQUESTED, Outcome
from sandbox.sagemaker.jobs.job import Job, JobFailed
from sandbox.sagemaker.jobs.metrics import Metrics
from sandbox.sagemaker.jobs.training_configuration import write_configuration

if TYPE_CHECKING:
    from sandbox.sagemaker.service import SageMaker

MAX_WAIT = "MaxWaitTimeExceeded"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_MESSAGES = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    REQUESTED: "Training job stopped",
    MAX_RUNTIME: "Training job runtime exceeded MaxRuntimeInSeconds provided",
    MAX_WAIT: "Training job wait time exceeded MaxWaitTimeInSeconds provided",
}


def demand(request: dict[str, Any]) -> Demand:
    """The instances that a training job wants."""
    purchase = "spot" if request.get("EnableManagedSpotTraining") else "on-demand"
    return Demand(request["ResourceConfig"]["InstanceType"], "training", purchase)


class TrainingJob(Job):
    """A job with the documented life: Starting, Downloading, Training, Uploading, and its end.

    Source: SageMaker API Reference, "SecondaryStatusTransition".
    """

    kind = "Training"

    def __init__(self, service: SageMaker, description: dict[str, Any], credentials: Credentials) -> None:
        super().__init__(service, description, credentials)
        self._algorithm = description["AlgorithmSpecification"]
        self._metrics = Metrics(self._algorithm.get("MetricDefinitions", []))
        self._log: LogStream | None = None
        self._description |= {"TrainingJobStatus": "InProgress", "SecondaryStatusTransitions": []}
        self._enter("Starting")
        location = S3Location.parse(description["OutputDataConfig"]["S3OutputPath"])
        self._output = location / self.name / "output"
        self._extra = encryption(description["OutputDataConfig"].get("KmsKeyId"))
        self._end_status = "Completed"

    def write_line(self, line: str) -> None:
        if self._log is not None:
            self._log.write(line)
        self._metrics.read(line)

    def work(self) -> str:
        wanted = demand(self._description)
        if wanted.lacks_capacity(self.host.home):
            raise JobFailed(CAPACITY_ERROR)
        if wanted.lacks_spot(self.host.home):
            self._end_status = MAX_WAIT  # the wait itself is spared: AWS would let it pass
            return "Stopped"
        s3 = self.host.client("s3", self.credentials)
        self._progress("Downloading", TrainingStartTime=now())
        self._download(s3)
        outcome = self._train(s3)
        self._progress("Uploading")
        self._upload(s3)
        if outcome.stopped:
            self._end_status = outcome.stopped
            return "Stopped"
        if outcome.exit_code:
            raise JobFailed(f"AlgorithmError: {self._failure()}, exit code: {outcome.exit_code}")
        return "Completed"

    def end(self, status: str, failure_reason: str | None) -> None:
        end = now()
        with self._lock:
            members: dict[str, Any] = {"TrainingJobStatus": status}
            if failure_reason:
                members["FailureReason"] = failure_reason
            if start := self._description.get("TrainingStartTime"):
                seconds = max(1, round((end - start).total_seconds()))
                members |= {
                    "TrainingEndTime": end,
                    "TrainingTimeInSeconds": seconds,
                    "BillableTimeInSeconds": seconds,
                }
            self._change(members)
            self._enter(status if status == "Failed" else self._end_status)
        self.emit()

    def _mark_stopping(self) -> None:
        super()._mark_stopping()
        self._enter("Stopping")

    def _progress(self, secondary: str, **members: Any) -> None:
        """The next step of a job's life; one that is being stopped keeps its status."""
        with self._lock:
            self._change(members)
            if self.execution.stopping:
                return
            self._enter(secondary)
        self.emit()

    def _enter(self, secondary: str) -> None:
        moment = now()
        transitions = self._description["SecondaryStatusTransitions"]
        if transitions:
            transitions[-1]["EndTime"] = moment
        transitions.append({"Status": secondary, "StartTime": moment, "StatusMessage": _MESSAGES[secondary]})
        if secondary in ("Completed", "Failed", REQUESTED, MAX_RUNTIME, MAX_WAIT):
            transitions[-1]["EndTime"] = moment
        self._change({"SecondaryStatus": secondary})

    def _download(self, s3: Any) -> None:
        for channel in self._description.get("InputDataConfig", []):
            source = S3Location.parse(channel["DataSource"]["S3DataSource"]["S3Uri"])
            try:
                download(s3, source, self.container.path("input", "data", channel["ChannelName"]))
            except TRANSFER_ERRORS as error:
                raise JobFailed(f"ClientError: Data download failed:{error}") from error
        write_configuration(self.container, self._description)

    def _train(self, s3: Any) -> Outcome:
        container = self.container
        container.path("model")
        container.path("output", "data")
        environment = container.environment(
            self.host,
            self.credentials,
            {
                "TRAINING_JOB_NAME": self.name,
                "TRAINING_JOB_ARN": self.arn,
                **self._description.get("Environment", {}),
            },
        )
        max_runtime = self._description["StoppingCondition"]["MaxRuntimeInSeconds"]
        with self._checkpoints(s3):
            if self.execution.stopping:
                return Outcome(0, REQUESTED)
            self._log = LogStream(self.host, LOG_GROUP, f"{self.name}/{HOSTNAME}-{int(time.time())}")
            self._progress("Training")
            try:
                return self.execution.run(container.command(self._algorithm), environment, container.base, max_runtime)
            finally:
                self._log.close()
                with self._lock:
                    self._change({"FinalMetricDataList": self._metrics.final()})

    def _checkpoints(self, s3: Any) -> contextlib.AbstractContextManager[object]:
        config = self._description.get("CheckpointConfig")
        if config is None:
            return contextlib.nullcontext()
        return Checkpoints(s3, self.container.local(config["LocalPath"]), S3Location.parse(config["S3Uri"]))

    def _upload(self, s3: Any) -> None:
        model = self._output / "model.tar.gz"
        try:
            upload_archive(s3, self.container.path("model"), model, self._extra)
            upload_archive(s3, self.container.path("output", "data"), self._output / "output.tar.gz", self._extra)
        except TRANSFER_ERRORS as error:
            raise JobFailed(f"ClientError: Artifact upload failed:{error}") from error
        with self._lock:
            self._change({"ModelArtifacts": {"S3ModelArtifacts": str(model)}})

    def _failure(self) -> str:
        """What the container wrote to output/failure; nothing if it wrote nothing."""
        path = self.container.base / "output" / "failure"
        return path.read_text(errors="replace").strip()[:900] if path.is_file() else ""
