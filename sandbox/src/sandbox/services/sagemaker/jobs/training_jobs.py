"""Training jobs: create, describe, list, stop."""

from __future__ import annotations

from sandbox.frame.listing import ALL_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.permissions import Credentials
from sandbox.services.sagemaker.jobs import training_requests
from sandbox.services.sagemaker.jobs.distributed_drivers import require_launcher
from sandbox.services.sagemaker.jobs.job_collection import JobCollection
from sandbox.services.sagemaker.jobs.job_needs import JobNeeds
from sandbox.services.sagemaker.jobs.training_job import TrainingJob, demand

_SUMMARY = (
    "TrainingJobName",
    "TrainingJobArn",
    "CreationTime",
    "TrainingEndTime",
    "LastModifiedTime",
    "TrainingJobStatus",
    "SecondaryStatus",
)
_LISTING = Listing("TrainingJobSummaries", "TrainingJobName", "TrainingJobStatus", "Descending", _SUMMARY)


class TrainingJobs(JobCollection[TrainingJob]):
    """Every training job that was ever created."""

    kind = "Training"
    taken = (
        "Training job names must be unique within an AWS account and region, and a training job with this name "
        "already exists"
    )
    missing = "Requested resource not found."

    @operation(accepts=training_requests.ACCEPTED, only=training_requests.ONLY, reduced=training_requests.REDUCED)
    def create_training_job(self, request: Request) -> Response:
        return {"TrainingJobArn": self.launch(request).arn}

    def launch(self, request: Request, **members: str) -> TrainingJob:
        """Create and start a job; ``members`` are of its description alone (TuningJobArn)."""
        name = request["TrainingJobName"]
        self._store.require_new(name)
        training_requests.check(request)
        demand(request).require_quota(self._host.home)
        credentials = self.require_startable(request)
        require_launcher(self._host, credentials, request)
        tags = request.pop("Tags", [])
        description = {**request, **members, "TrainingJobArn": self._arn.format(key=name)}
        job = TrainingJob(self._host, self._events, description, credentials)
        self._start(job, tags)
        return job

    def require_startable(self, request: Request) -> Credentials:
        """The role's credentials, if the request's resources exist and the role may use them.

        Raises ValidationException.
        """
        needs = JobNeeds(
            log_group=TrainingJob.namespace,
            role_arn=request["RoleArn"],
            image=request["AlgorithmSpecification"]["TrainingImage"],
            vpc_config=request.get("VpcConfig"),
            output_key=request["OutputDataConfig"].get("KmsKeyId"),
            volume_key=request["ResourceConfig"].get("VolumeKmsKeyId"),
            inputs=[given["DataSource"]["S3DataSource"]["S3Uri"] for given in request.get("InputDataConfig", [])],
        )
        return needs.require(self._host, self._arn.format(key=request["TrainingJobName"]))

    @operation(accepts={"TrainingJobName"})
    def describe_training_job(self, request: Request) -> Response:
        return self.find(request["TrainingJobName"]).describe()

    @operation(accepts={*ALL_FILTERS, "StatusEquals"})
    def list_training_jobs(self, request: Request) -> Response:
        return _LISTING.page((job.describe() for job in self._store.all()), request)

    @operation(accepts={"TrainingJobName"})
    def stop_training_job(self, request: Request) -> Response:
        self.find(request["TrainingJobName"]).stop()
        return {}
