"""Processing jobs: create, describe, list, stop."""

from __future__ import annotations

from sandbox.frame.listing import ALL_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.sagemaker.base.capacity import Demand
from sandbox.services.sagemaker.jobs import processing_requests
from sandbox.services.sagemaker.jobs.job_collection import JobCollection
from sandbox.services.sagemaker.jobs.job_needs import JobNeeds
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
    taken = "Job name must be unique within an AWS account and region, and a job with this name already exists"
    missing = "Could not find requested job with name: {key}"

    @operation(accepts=processing_requests.ACCEPTED, only=processing_requests.ONLY, reduced=processing_requests.REDUCED)
    def create_processing_job(self, request: Request) -> Response:
        name = request["ProcessingJobName"]
        arn = self._arn.format(key=name)
        self._store.require_new(name)
        processing_requests.check(request)
        cluster, outputs = request["ProcessingResources"]["ClusterConfig"], request.get("ProcessingOutputConfig", {})
        Demand(cluster["InstanceType"], "processing", count=cluster["InstanceCount"]).require_quota(self._host.home)
        needs = JobNeeds(
            log_group=ProcessingJob.namespace,
            role_arn=request["RoleArn"],
            image=request["AppSpecification"]["ImageUri"],
            vpc_config=request.get("NetworkConfig", {}).get("VpcConfig"),
            output_key=outputs.get("KmsKeyId"),
            volume_key=cluster.get("VolumeKmsKeyId"),
            inputs=[given["S3Input"]["S3Uri"] for given in request.get("ProcessingInputs", [])],
        )
        credentials = needs.require(self._host, arn)
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
