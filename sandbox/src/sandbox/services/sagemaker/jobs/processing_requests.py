"""The members of CreateProcessingJob that are honoured, and AWS's checks beyond its service model."""

from __future__ import annotations

from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.machines.containers.container import ROOT, require_entry_point, require_local_path, require_runnable
from sandbox.machines.containers.s3_transfer import S3Location
from sandbox.machines.images.tables import PACKAGES
from sandbox.services.sagemaker.base.image_paths import DIGESTS, require_image_path
from sandbox.services.sagemaker.jobs.cluster import require_instances

ACCEPTED = frozenset(
    {
        "ProcessingJobName",
        "ProcessingInputs.InputName",
        "ProcessingInputs.AppManaged",
        "ProcessingInputs.S3Input",
        "ProcessingOutputConfig.Outputs.OutputName",
        "ProcessingOutputConfig.Outputs.AppManaged",
        "ProcessingOutputConfig.Outputs.S3Output",
        "ProcessingOutputConfig.KmsKeyId",
        "ProcessingResources.ClusterConfig.InstanceCount",
        "ProcessingResources.ClusterConfig.InstanceType",
        "ProcessingResources.ClusterConfig.VolumeSizeInGB",
        "ProcessingResources.ClusterConfig.VolumeKmsKeyId",
        "StoppingCondition",
        "AppSpecification",
        "Environment",
        "NetworkConfig",
        "RoleArn",
        "Tags",
    }
)
ONLY: dict[str, tuple[Any, ...]] = {
    "ProcessingInputs.AppManaged": (False,),
    "ProcessingInputs.S3Input.S3DataType": ("S3Prefix",),
    "ProcessingInputs.S3Input.S3InputMode": ("File",),
    "ProcessingInputs.S3Input.S3CompressionType": ("None",),
    "ProcessingOutputConfig.Outputs.AppManaged": (False,),
    "ProcessingOutputConfig.Outputs.S3Output.S3UploadMode": ("EndOfJob",),
    "NetworkConfig.EnableNetworkIsolation": (False,),
}
REDUCED = {
    "AppSpecification.ImageUri": f"no image runs; Python finds {PACKAGES}; {DIGESTS}",
    "ProcessingResources.ClusterConfig.InstanceType": "any type is this machine; there are no GPUs",
    "ProcessingResources.ClusterConfig.InstanceCount": "each instance is a process, at most 16, as for training jobs",
    "ProcessingResources.ClusterConfig.VolumeSizeInGB": "a job may use all of this machine's disk; the fault "
    "disk-full makes a volume small",
    "NetworkConfig": "as for training jobs: no traffic is filtered or encrypted, and a job fails if its security "
    "groups keep its hosts apart",
}
_FOLDER = f"{ROOT}/processing"


def check(request: dict[str, Any]) -> None:
    """Raise ValidationException for what the sandbox does not implement or AWS refuses. Fills in AWS's defaults."""
    require_image_path(request["AppSpecification"]["ImageUri"])
    require_entry_point("CreateProcessingJob", "AppSpecification", request["AppSpecification"])
    require_runnable(request["AppSpecification"])
    cluster = request["ProcessingResources"]["ClusterConfig"]
    missing = [name for name in ("InstanceType", "InstanceCount", "VolumeSizeInGB") if name not in cluster]
    if missing:
        raise ValidationException(f"ProcessingResources.ClusterConfig needs {', '.join(missing)}")
    require_instances(cluster["InstanceCount"])
    request.setdefault("StoppingCondition", {"MaxRuntimeInSeconds": 86_400})
    inputs = request.get("ProcessingInputs", [])
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    _check_parts(inputs, "InputName", "S3Input")
    _check_parts(outputs, "OutputName", "S3Output")


def _check_parts(parts: list[dict[str, Any]], name: str, member: str) -> None:
    """Require a place in S3 and a separate folder for each input or output."""
    for part in parts:
        place = part.get(member, {})
        if "LocalPath" not in place:
            raise ValidationException(f"{part[name]} needs {member} with S3Uri and LocalPath")
        S3Location.parse(place["S3Uri"])
        require_local_path(place["LocalPath"], _FOLDER)
    _require_unique(name, [part[name] for part in parts])
    _require_unique(f"{member}.LocalPath", [part[member]["LocalPath"] for part in parts])


def _require_unique(member: str, values: list[str]) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValidationException(f"{member} must be unique in a job: {', '.join(repeated)} is there more than once")
