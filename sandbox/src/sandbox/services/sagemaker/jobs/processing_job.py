"""One processing job, from the download of its inputs to the upload of its outputs."""

from __future__ import annotations

import time
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.host import Host
from sandbox.frame.permissions import Credentials
from sandbox.machines.containers.s3_transfer import TRANSFER_ERRORS, S3Location, download, encryption, upload_folders
from sandbox.services.sagemaker.base.capacity import CAPACITY_ERROR, Demand
from sandbox.services.sagemaker.jobs.cluster import Instance
from sandbox.services.sagemaker.jobs.execution import MAX_RUNTIME, REQUESTED, Limit, Outcome
from sandbox.services.sagemaker.jobs.job import Job, JobFailed
from sandbox.services.sagemaker.jobs.job_events import JobEvents

_LONGEST_MESSAGE = 1024


class ProcessingJob(Job):
    """A job that reads folders and writes folders."""

    kind = "Processing"
    namespace = "/aws/sagemaker/ProcessingJobs"

    def __init__(self, host: Host, events: JobEvents, description: dict[str, Any], credentials: Credentials) -> None:
        super().__init__(host, events, description, credentials)
        self._description["ProcessingJobStatus"] = "InProgress"

    @property
    def demand(self) -> Demand:
        cluster = self._description["ProcessingResources"]["ClusterConfig"]
        return Demand(cluster["InstanceType"], "processing", count=cluster["InstanceCount"])

    @staticmethod
    def instance_count(description: dict[str, Any]) -> int:
        return description["ProcessingResources"]["ClusterConfig"]["InstanceCount"]

    def work(self) -> str:
        if self.demand.lacks_capacity(self.host.home):
            raise JobFailed(CAPACITY_ERROR)
        s3 = self.host.client("s3", self.credentials)
        self.cluster.prepare(self._description["AppSpecification"]["ImageUri"])
        self._download(s3)
        self.require_room("Failed to download data. ")
        outcome = self._process()
        if outcome.stopped:
            return "Stopped"
        if outcome.exit_code:
            raise JobFailed("AlgorithmError: See job logs for more information")
        self.require_room("Failed to upload data. ")
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
            location, distribution = S3Location.parse(source["S3Uri"]), source.get("S3DataDistributionType", "")
            for index, instance in enumerate(self.cluster.instances):
                folder = instance.container.local(source["LocalPath"])
                try:
                    download(s3, location, folder, self.cluster.part(distribution, index))
                except TRANSFER_ERRORS as error:
                    raise JobFailed(f"ClientError: Failed to download data. {error}") from error

    def _outputs(self) -> list[dict[str, Any]]:
        return self._description.get("ProcessingOutputConfig", {}).get("Outputs", [])

    def _write_configuration(self, instance: Instance) -> None:
        """The files under config. AWS, "How Amazon SageMaker Processing Configures Your Processing Container"."""
        request, container = self.describe(), instance.container
        for part in [
            *request.get("ProcessingInputs", []),
            *request.get("ProcessingOutputConfig", {}).get("Outputs", []),
        ]:
            place = part.get("S3Input") or part["S3Output"]
            place["LocalPath"] = container.rewrite(place["LocalPath"])
        for member in ("CreationTime", "LastModifiedTime", "ProcessingJobStatus"):
            request.pop(member)
        container.write_json(request, "config", "processingjobconfig.json")
        resources = {"current_host": instance.name, "hosts": self.cluster.names}
        container.write_json(resources, "config", "resourceconfig.json")

    def _process(self) -> Outcome:
        for instance in self.cluster.instances:
            self._write_configuration(instance)
            instance.container.path("output")
            for output in self._outputs():
                instance.container.local(output["S3Output"]["LocalPath"])
        if self.execution.stopping:
            return Outcome(stopped=REQUESTED)
        self.cluster.open_logs(self.host, self.namespace, self.name)
        with self._lock:
            self._change({"ProcessingStartTime": now()})
        limit = Limit(time.monotonic() + self._description["StoppingCondition"]["MaxRuntimeInSeconds"], MAX_RUNTIME)
        volume = self._description["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"]
        try:
            return self.run_programs(self._description["AppSpecification"], [limit], volume)
        finally:
            self._keep_exit_message()

    def _keep_exit_message(self) -> None:
        """ExitMessage from output/message. AWS, "Save and Access Metadata Information About Your Processing Job"."""
        paths = [instance.container.base / "output" / "message" for instance in self.cluster.instances]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
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
            folders = [instance.container.local(place["LocalPath"]) for instance in self.cluster.instances]
            try:
                upload_folders(s3, folders, S3Location.parse(place["S3Uri"]), extra)
            except TRANSFER_ERRORS as error:
                raise JobFailed(f"ClientError: Failed to upload data. {error}") from error
