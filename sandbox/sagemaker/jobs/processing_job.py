"""One processing job, from the download of its inputs to the upload of its outputs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sandbox.host import Credentials
from sandbox.sagemaker.api.capacity import CAPACITY_ERROR, Demand
from sandbox.sagemaker.api.clock import now
from sandbox.sagemaker.containers.container import HOSTNAME
from sandbox.sagemaker.containers.logs import LogStream
from sandbox.sagemaker.containers.s3_transfer import TRANSFER_ERRORS, S3Location, download, encryption, upload_folder
from sandbox.sagemaker.jobs.execution import REQUESTED, Outcome
from sandbox.sagemaker.jobs.job import Job, JobFailed

if TYPE_CHECKING:
    from sandbox.sagemaker.service import SageMaker

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
_LONGEST_MESSAGE = 1024


class ProcessingJob(Job):
    """A job that reads folders and writes folders."""

    kind = "Processing"

    def __init__(self, service: SageMaker, description: dict[str, Any], credentials: Credentials) -> None:
        super().__init__(service, description, credentials)
        self._log: LogStream | None = None
        self._description["ProcessingJobStatus"] = "InProgress"

    def write_line(self, line: str) -> None:
        if self._log is not None:
            self._log.write(line)

    def work(self) -> str:
        cluster = self._description["ProcessingResources"]["ClusterConfig"]
        if Demand(cluster["InstanceType"], "processing").lacks_capacity(self.host.home):
            raise JobFailed(CAPACITY_ERROR)
        s3 = self.host.client("s3", self.credentials)
        self._download(s3)
        outcome = self._process()
        if outcome.stopped:
            return "Stopped"
        if outcome.exit_code:
            raise JobFailed("AlgorithmError: See job logs for more information")
        self._upload(s3)
        return "Completed"

    def end(self, status: str, failure_reason: str | None) -> None:
        members: dict[str, Any] = {"ProcessingJobStatus": status, "ProcessingEndTime": now()}
        if failure_reason:
            members["FailureReason"] = failure_reason
        self.change(**members)

    def _download(self, s3: Any) -> None:
        for given in self._description.get("ProcessingInputs", []):
            source = given["S3Input"]
            try:
                download(s3, S3Location.parse(source["S3Uri"]), self.container.local(source["LocalPath"]))
            except TRANSFER_ERRORS as error:
                raise JobFailed(f"ClientError: Failed to download data. {error}") from error

    def _outputs(self) -> list[dict[str, Any]]:
        return self._description.get("ProcessingOutputConfig", {}).get("Outputs", [])

    def _write_configuration(self) -> None:
        """The files under config. AWS, "How Amazon SageMaker Processing Configures Your Processing Container"."""
        request = self.describe()
        for part in [
            *request.get("ProcessingInputs", []),
            *request.get("ProcessingOutputConfig", {}).get("Outputs", []),
        ]:
            place = part.get("S3Input") or part["S3Output"]
            place["LocalPath"] = self.container.rewrite(place["LocalPath"])
        for member in ("CreationTime", "LastModifiedTime", "ProcessingJobStatus"):
            request.pop(member)
        self.container.write_json(request, "config", "processingjobconfig.json")
        resources = {"current_host": HOSTNAME, "hosts": [HOSTNAME]}
        self.container.write_json(resources, "config", "resourceconfig.json")

    def _process(self) -> Outcome:
        container, specification = self.container, self._description["AppSpecification"]
        self._write_configuration()
        container.path("output")
        for output in self._outputs():
            container.local(output["S3Output"]["LocalPath"])
        extra = {"PROCESSING_JOB_NAME": self.name, "PROCESSING_JOB_ARN": self.arn}
        environment = container.environment(
            self.host, self.credentials, {**extra, **self._description.get("Environment", {})}
        )
        if self.execution.stopping:
            return Outcome(0, REQUESTED)
        with self._lock:
            self._change({"ProcessingStartTime": now()})
        max_runtime = self._description["StoppingCondition"]["MaxRuntimeInSeconds"]
        self._log = LogStream(self.host, LOG_GROUP, f"{self.name}/{HOSTNAME}-{int(time.time())}")
        try:
            return self.execution.run(container.command(specification), environment, container.base, max_runtime)
        finally:
            self._log.close()
            self._keep_exit_message()

    def _keep_exit_message(self) -> None:
        """ExitMessage from output/message. AWS, "Save and Access Metadata Information About Your Processing Job"."""
        path = self.container.base / "output" / "message"
        if not path.is_file():
            return
        try:
            message = path.read_bytes()[:_LONGEST_MESSAGE].decode(errors="strict")
        except UnicodeDecodeError as error:
            raise JobFailed("ClientError: /opt/ml/output/message is not UTF-8 encoded") from error
        with self._lock:
            self._change({"ExitMessage": message})

    def _upload(self, s3: Any) -> None:
        extra = encryption(self._description.get("ProcessingOutputConfig", {}).get("KmsKeyId"))
        for output in self._outputs():
            place = output["S3Output"]
            folder = self.container.local(place["LocalPath"])
            try:
                upload_folder(s3, folder, S3Location.parse(place["S3Uri"]), extra)
            except TRANSFER_ERRORS as error:
                raise JobFailed(f"ClientError: Failed to upload data. {error}") from error
