"""The kinds of faults, one class each."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from sandbox.faults.fault import SELECTOR, Fault, Name, Seconds, Share

InstanceType = Annotated[Name, Field(description="such as ml.g5.xlarge, or ml.g5.*")]
Purchase = Annotated[
    Literal["spot", "on-demand"] | None,
    SELECTOR,
    Field(description="which instances; jobs with managed spot training buy spot, everything else on-demand"),
]
Usage = Annotated[
    Literal["training", "processing", "endpoint"] | None, SELECTOR, Field(description="what the instances are for")
]
JobName = Annotated[Name, Field(description="the name of a training or processing job")]
AfterSeconds = Annotated[Seconds, Field(description="from the start of the container")]
EndpointName = Annotated[Name, Field(description="the endpoint's name")]
ModelName = Annotated[Name, Field(description="the name of the model resource, which CloudFormation makes up")]
FleetConfig = Annotated[Name, Field(description="one fleet's; with ! before the one in service, the next one's")]
Bucket = Annotated[Name, Field(description="the bucket's name")]
Key = Annotated[Name, Field(description="the object's key; of a listing, its prefix")]
Action = Annotated[Name, Field(description="as IAM spells it: GetObject, PutObject, ListBucket")]
Role = Annotated[Name, Field(description="the name of the role that makes the request")]


class InstancesFault(Fault):
    """A fault of instances, by their type, their purchase and their use."""

    instance_type: InstanceType = None
    purchase: Purchase = None
    usage: Usage = None


class ModelFault(Fault):
    """A fault of a model behind an endpoint."""

    endpoint_name: EndpointName = None
    model_name: ModelName = None


class ArchiveFault(ModelFault):
    """A fault of a model's archive."""

    example = "--endpoint-name 'my-endpoint' --times 1"
    reduced = "each instance's copy is broken; the object in S3 is whole"


class S3Fault(Fault):
    """A fault of requests to S3."""

    bucket: Bucket = None
    key: Key = None
    action: Action = None
    role: Role = None
    reduced = "only requests over HTTP are affected; ministack's other services read S3 directly"


class Capacity(InstancesFault):
    """AWS has no instance of the type: a job fails with CapacityError, an endpoint does not start."""

    kind: Literal["capacity"] = "capacity"
    example = "--instance-type ml.g5.xlarge --times 2"


class Quota(InstancesFault):
    """The account's quota for the type is zero: Create calls are refused with ResourceLimitExceeded."""

    kind: Literal["quota"] = "quota"
    example = "--instance-type 'ml.p4d.*'"


class Spot(Fault):
    """No spot instance starts in time: a managed spot training job stops with MaxWaitTimeExceeded."""

    kind: Literal["spot"] = "spot"
    instance_type: InstanceType = None
    purchase: Annotated[Literal["spot"] | None, SELECTOR, Field(description="always spot")] = None
    example = "--instance-type ml.m5.xlarge"
    reduced = "without the wait for instances, MaxWaitTimeInSeconds"


class SpotInterruption(Fault):
    """A spot instance is taken back: SIGTERM, SIGKILL after a grace, and the job waits for another instance."""

    kind: Literal["spot-interruption"] = "spot-interruption"
    instance_type: InstanceType = None
    job_name: JobName = None
    after_seconds: AfterSeconds = 5.0
    grace_seconds: Annotated[Seconds, Field(description="between SIGTERM and SIGKILL; AWS gives 120")] = 120.0
    example = "--after-seconds 10 --grace-seconds 2 --times 1"
    reduced = "only a running container is interrupted, no download and no upload"


class JobKilled(Fault):
    """The job's processes get SIGKILL, as from the kernel without memory: exit code 137."""

    kind: Literal["job-killed"] = "job-killed"
    job_name: JobName = None
    after_seconds: AfterSeconds = 5.0
    example = "--job-name 'my-job-*' --after-seconds 10 --times 1"
    reduced = "all processes of the job are killed; the kernel would choose one"


class DiskFull(Fault):
    """The job's volume has a limited size."""

    kind: Literal["disk-full"] = "disk-full"
    job_name: JobName = None
    at_megabytes: Annotated[float, Field(ge=0, description="megabytes below /opt/ml at which the volume is full")]
    example = "--at-megabytes 20 --times 1"
    reduced = (
        'once the volume is full, writes fail with EFBIG ("File too large") instead of ENOSPC, into existing files as '
        "well; what does not ignore SIGXFSZ, as Python does, is ended by it; needs Linux"
    )


class NoPing(ModelFault):
    """A container that starts and never answers /ping."""

    kind: Literal["no-ping"] = "no-ping"
    example = "--endpoint-name 'my-endpoint'"
    reduced = "the time limit for the container's answer is divided by SANDBOX_TIME_SCALE"


class ArchiveTruncated(ArchiveFault):
    """The model's archive is cut off and cannot be unpacked."""

    kind: Literal["archive-truncated"] = "archive-truncated"


class ArchiveWrongSignature(ArchiveFault):
    """The model's archive holds a SavedModel with other signature names."""

    kind: Literal["archive-wrong-signature"] = "archive-wrong-signature"


class S3Throttled(S3Fault):
    """S3 answers 503 SlowDown to a share of the requests."""

    kind: Literal["s3-throttled"] = "s3-throttled"
    rate: Annotated[Share, Field(description="the share of requests that it befalls, above 0 and at most 1")] = 1.0
    example = "--bucket my-bucket --action PutObject --rate 0.5 --times 20"


class ApiThrottled(Fault):
    """SageMaker or CloudFormation throttles a share of the calls to its API: Rate exceeded."""

    kind: Literal["api-throttled"] = "api-throttled"
    service: Annotated[
        Literal["sagemaker", "cloudformation"] | None, SELECTOR, Field(description="the service that is called")
    ] = None
    action: Annotated[Name, Field(description="as IAM spells it: DescribeTrainingJob, UpdateStack")] = None
    role: Role = None
    rate: Annotated[Share, Field(description="the share of calls that it befalls, above 0 and at most 1")] = 1.0
    example = "--service sagemaker --action 'Describe*' --rate 0.5 --times 20"
    reduced = "the calls that CloudFormation makes for a stack's resources are not befallen; it tries them again on AWS"


class S3Slow(S3Fault):
    """S3 answers each request slowly."""

    kind: Literal["s3-slow"] = "s3-slow"
    seconds: Annotated[Seconds, Field(description="the wait before each answer")]
    example = "--key 'raw/*' --seconds 0.5"


class InvocationErrors(Fault):
    """The model server of an endpoint answers a share of the invocations with an error."""

    kind: Literal["invocation-errors"] = "invocation-errors"
    endpoint_name: EndpointName = None
    endpoint_config_name: FleetConfig = None
    rate: Annotated[Share, Field(description="the share of invocations that it befalls, above 0 and at most 1")] = 1.0
    status: Annotated[int, Field(ge=400, le=599, description="the HTTP status of the container's answer")] = 500
    example = "--endpoint-name 'my-endpoint' --rate 0.5"
    reduced = "the request does not reach the container, so its log does not mention it"


class EventTwice(Fault):
    """EventBridge delivers an event twice, with the same id."""

    kind: Literal["event-twice"] = "event-twice"
    source: Annotated[Name, Field(description="such as aws.sagemaker")] = None
    detail_type: Annotated[Name, Field(description="such as 'SageMaker Model Package State Change'")] = None
    example = "--source aws.sagemaker --detail-type 'SageMaker Model Package State Change' --times 1"
    reduced = "the second delivery follows the first at once"


AnyFault = Annotated[
    Capacity
    | Quota
    | Spot
    | SpotInterruption
    | JobKilled
    | DiskFull
    | NoPing
    | ArchiveTruncated
    | ArchiveWrongSignature
    | S3Throttled
    | ApiThrottled
    | S3Slow
    | InvocationErrors
    | EventTwice,
    Field(discriminator="kind"),
]
KINDS: dict[str, type[Fault]] = {kind.model_fields["kind"].default: kind for kind in get_args(get_args(AnyFault)[0])}
"""Every class by its kind, in display order."""
