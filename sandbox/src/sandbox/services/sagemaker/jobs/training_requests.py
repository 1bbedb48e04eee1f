"""The members of CreateTrainingJob that are honoured, and AWS's checks beyond its service model."""

from __future__ import annotations

import re
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.machines.containers import script_mode
from sandbox.machines.containers.container import ROOT, require_local_path, require_runnable
from sandbox.machines.containers.s3_transfer import S3Location
from sandbox.machines.images.tables import PACKAGES
from sandbox.services.sagemaker.base.image_paths import DIGESTS, require_image_path
from sandbox.services.sagemaker.jobs.cluster import require_instances
from sandbox.services.sagemaker.jobs.metrics import expressions

ACCEPTED = frozenset(
    {
        "TrainingJobName",
        "HyperParameters",
        "AlgorithmSpecification.TrainingImage",
        "AlgorithmSpecification.TrainingInputMode",
        "AlgorithmSpecification.MetricDefinitions",
        "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries",
        "AlgorithmSpecification.ContainerEntrypoint",
        "AlgorithmSpecification.ContainerArguments",
        "RoleArn",
        "InputDataConfig.ChannelName",
        "InputDataConfig.DataSource.S3DataSource.S3DataType",
        "InputDataConfig.DataSource.S3DataSource.S3Uri",
        "InputDataConfig.DataSource.S3DataSource.S3DataDistributionType",
        "InputDataConfig.ContentType",
        "InputDataConfig.CompressionType",
        "InputDataConfig.RecordWrapperType",
        "InputDataConfig.InputMode",
        "OutputDataConfig.KmsKeyId",
        "OutputDataConfig.S3OutputPath",
        "OutputDataConfig.CompressionType",
        "ResourceConfig.InstanceType",
        "ResourceConfig.InstanceCount",
        "ResourceConfig.VolumeSizeInGB",
        "ResourceConfig.VolumeKmsKeyId",
        "VpcConfig",
        "StoppingCondition",
        "RetryStrategy",
        "Tags",
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
        "CheckpointConfig",
        "ProfilerConfig.DisableProfiler",
        "Environment",
    }
)
ONLY: dict[str, tuple[Any, ...]] = {
    "AlgorithmSpecification.TrainingInputMode": ("File",),
    "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries": (False,),
    "InputDataConfig.InputMode": ("File",),
    "InputDataConfig.CompressionType": ("None",),
    "InputDataConfig.RecordWrapperType": ("None",),
    "InputDataConfig.DataSource.S3DataSource.S3DataType": ("S3Prefix",),
    "OutputDataConfig.CompressionType": ("GZIP",),
    "EnableNetworkIsolation": (False,),
    "ProfilerConfig.DisableProfiler": (True,),
}
REDUCED = {
    "HyperParameters": "of the settings of script mode, refused when set: "
    f"{', '.join(f'`{name}` ({why})' for name, why in script_mode.REFUSED.items())}, and names that begin with "
    "`sagemaker_` and that no toolkit knows; `TF_CONFIG` gives each host ports of its own",
    "AlgorithmSpecification.TrainingImage": "no image runs: without a ContainerEntrypoint the script mode of AWS's "
    "tensorflow-training images starts sagemaker_program from sagemaker_submit_directory, and installs "
    f"requirements.txt for the job alone, but no setup.py; Python finds {PACKAGES}; {DIGESTS}",
    "ResourceConfig.InstanceType": "any type is this machine; there are no GPUs",
    "ResourceConfig.InstanceCount": "each instance is a process, at most 16. They find one another as algo-1, algo-2 "
    "..., each at a loopback address of its own, where a server for all addresses listens, too. They share the "
    "machine's ports for IPv6, and for IPv4 where its kernel supervises no system calls (seccomp_unotify)",
    "ResourceConfig.VolumeSizeInGB": "a job may use all of this machine's disk; the fault "
    "disk-full makes a volume small",
    "StoppingCondition": "instances are there at once, so that MaxPendingTimeInSeconds never passes",
    "EnableManagedSpotTraining": "a second is billed as 0.3 s; instances are interrupted, or missing, only by a "
    "declared fault, and the wait for missing ones is spared",
    "RetryStrategy": "an InternalServerError is a failure of the sandbox itself; nothing waits between the attempts",
    "VpcConfig": "no traffic is filtered; a job of several hosts fails at once if its security groups allow them no "
    "TCP between one another, where AWS lets it wait until the framework gives up",
    "EnableInterContainerTrafficEncryption": "nothing is encrypted, as nothing leaves the machine; a job of several "
    "hosts fails if its security groups allow no UDP on port 500 and no ESP between them",
}
_DAY = 86_400
_LONGEST_RUNTIME = 28 * _DAY
# Instance types with local NVMe volumes (SageMaker API Reference, "ResourceConfig", VolumeKmsKeyId).
_LOCAL_STORAGE = re.compile(r"ml\.((g4dn|g5|g6e?|gr6|p4de?|p5e?n?|p3dn|trn1n?|trn2|i3en)|[cmr]\d[a-z]*d[a-z]*)\.")


def check(request: dict[str, Any], operation: str = "CreateTrainingJob") -> None:
    """Raise ValidationException for what the sandbox does not implement or AWS refuses. Fills in AWS's defaults.

    The operation is the one that the caller made: a tuning job's training jobs are asked for by another.
    """
    for member in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition"):
        if member not in request:
            raise ValidationException(f"{member} is required: the sandbox runs jobs on instances only")
    _check_algorithm(request, operation)
    _check_resources(request["ResourceConfig"])
    _check_times(request)
    _check_channels(request.get("InputDataConfig", []))
    S3Location.parse(request["OutputDataConfig"]["S3OutputPath"])
    if "CheckpointConfig" in request:
        S3Location.parse(request["CheckpointConfig"]["S3Uri"])
        require_local_path(request["CheckpointConfig"].setdefault("LocalPath", f"{ROOT}/checkpoints"), ROOT)


def _check_algorithm(request: dict[str, Any], operation: str) -> None:
    algorithm = request["AlgorithmSpecification"]
    if "TrainingImage" not in algorithm:
        raise ValidationException("AlgorithmSpecification.TrainingImage is required: the sandbox has no algorithms")
    require_image_path(algorithm["TrainingImage"])
    if not algorithm.get("ContainerEntrypoint"):
        given = request.get("HyperParameters", {}), request.get("Environment", {})
        script_mode.require_script(operation, algorithm["TrainingImage"], *given)
    require_runnable(algorithm)
    expressions(algorithm.get("MetricDefinitions", []))


def _check_resources(resources: dict[str, Any]) -> None:
    missing = [name for name in ("InstanceType", "InstanceCount", "VolumeSizeInGB") if name not in resources]
    if missing:
        raise ValidationException(f"ResourceConfig needs {', '.join(missing)}")
    require_instances(resources["InstanceCount"])
    if "VolumeKmsKeyId" in resources and _LOCAL_STORAGE.match(resources["InstanceType"]):
        raise ValidationException(
            f"VolumeKmsKeyId cannot be given for {resources['InstanceType']}: its local storage is encrypted by the "
            "hardware. Leave VolumeKmsKeyId out."
        )


def _check_times(request: dict[str, Any]) -> None:
    condition = request["StoppingCondition"]
    runtime = condition.setdefault("MaxRuntimeInSeconds", _DAY)
    wait = condition.get("MaxWaitTimeInSeconds")
    if runtime > _LONGEST_RUNTIME:
        raise ValidationException(
            f"Invalid MaxRuntimeInSeconds {runtime}. It must be at most {_LONGEST_RUNTIME} (28 days)"
        )
    if request.get("EnableManagedSpotTraining"):
        if wait is None or wait < runtime:
            raise ValidationException(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
            )
    elif wait is not None:
        raise ValidationException("Invalid MaxWaitTimeInSeconds. It is for EnableManagedSpotTraining: leave it out")


def _check_channels(channels: list[dict[str, Any]]) -> None:
    names = [channel["ChannelName"] for channel in channels]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValidationException(f"InputDataConfig names channels more than once: {', '.join(repeated)}")
    for channel in channels:
        if "S3DataSource" not in channel["DataSource"]:
            raise ValidationException(f"Channel {channel['ChannelName']} has no DataSource.S3DataSource")
        channel["DataSource"]["S3DataSource"].setdefault("S3DataDistributionType", "FullyReplicated")
        channel.setdefault("CompressionType", "None")
        channel.setdefault("RecordWrapperType", "None")
