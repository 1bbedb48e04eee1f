"""Processing jobs: create, describe, list, stop."""

from __future__ import annotations

from sandbox.frame.listing import ALL_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.sagemaker.base.capacity import Demand
from sandbox.services.sagemaker.base.execution_roles import (
    image,
    logs,
    metrics,
    network,
    output,
    require_permissions,
    volumes,
)
from sandbox.services.sagemaker.base.preconditions import assume_role, require_keys, require_objects, require_vpc
from sandbox.services.sagemaker.jobs import processing_requests
from sandbox.services.sagemaker.jobs.job_collection import JobCollection
from sandbox.services.sagemaker.jobs.processing_job import ProcessingJob

_SUMMARY = (
    "ProcessingJobName",
    "ProcessingJobArn",
    "CreationTime",
    "ProcessingEndTime",
    "LastModifiedTime",
    "ProcessingJobStatus",
    "FailureReason",
    "ExitMessage",
)
_LISTING = Listing("ProcessingJobSummaries", "ProcessingJobName", "ProcessingJobStatus", "Descending", _SUMMARY)


class ProcessingJobs(JobCollection[ProcessingJob]):
    """Every processing job that was ever created."""

    kind = "Processing"
    taken = "Job name must be unique within an AWS account and region, and a job with this name already exists ({arn})"
    missing = "Could not find requested job with name: {name}"

    @operation(accepts=processing_requests.ACCEPTED, only=processing_requests.ONLY, reduced=processing_requests.REDUCED)
    def create_processing_job(self, request: Request) -> Response:
        name = request["ProcessingJobName"]
        arn = self._arn(name)
        self._store.require_new(name)
        processing_requests.check(request)
        host, cluster = self._host, request["ProcessingResources"]["ClusterConfig"]
        Demand(cluster["InstanceType"], "processing", count=cluster["InstanceCount"]).require_quota(host.home)
        credentials = assume_role(host, request["RoleArn"], "SageMaker", arn)
        require_keys(host, request.get("ProcessingOutputConfig", {}).get("KmsKeyId"), cluster.get("VolumeKmsKeyId"))
        require_vpc(host, request.get("NetworkConfig", {}).get("VpcConfig"))
        require_permissions(
            host,
            credentials,
            image(request["AppSpecification"]["ImageUri"]),
            network(host, request.get("NetworkConfig", {}).get("VpcConfig")),
            output(host, request.get("ProcessingOutputConfig", {}).get("KmsKeyId")),
            volumes(host, cluster.get("VolumeKmsKeyId")),
            logs(host, "/aws/sagemaker/ProcessingJobs", f"{name}/algo-1"),
            metrics("/aws/sagemaker/ProcessingJobs"),
        )
        for given in request.get("ProcessingInputs", []):
            require_objects(host, given["S3Input"]["S3Uri"], request["RoleArn"], credentials)
        tags = request.pop("Tags", [])
        self._start(ProcessingJob(self._host, self._events, {**request, "ProcessingJobArn": arn}, credentials), tags)
        return {"ProcessingJobArn": arn}

    @operation(accepts={"ProcessingJobName"})
    def describe_processing_job(self, request: Request) -> Response:
        return self.find(request["ProcessingJobName"]).describe()

    @operation(accepts={*ALL_FILTERS, "StatusEquals"})
    def list_processing_jobs(self, request: Request) -> Response:
        return _LISTING.page((job.describe() for job in self._store.all()), request)

    @operation(accepts={"ProcessingJobName"})
    def stop_processing_job(self, request: Request) -> Response:
        self.find(request["ProcessingJobName"]).stop()
        return {}
