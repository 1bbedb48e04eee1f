"""The parts of a job's request that training and processing jobs share."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_kms as kms

from specs import EnvironmentSpec, ModelSpec
from stacks.constructs.instance_types import has_local_storage


def entrypoint(archive_folder: str, package: str, step: str) -> list[str]:
    """Unpacks the code archive and runs one of its modules: `prepare`, `train` or `evaluate`.

    Every job starts like this, with no toolkit in between.
    """
    return [
        "sh",
        "-c",
        f"mkdir -p /opt/ml/code && tar xzf {archive_folder}/*.gz -C /opt/ml/code && "
        f"cd /opt/ml/code && exec python3 -m training.{package}.{step}",
    ]


def volume(instance_type: str, size_gb: int, key: kms.IKey) -> dict[str, Any]:
    """The disk, encrypted by our key; local NVMe disks encrypt themselves, and SageMaker refuses a key for them."""
    disk: dict[str, Any] = {"VolumeSizeInGB": size_gb}
    if not has_local_storage(instance_type):
        disk["VolumeKmsKeyId"] = key.key_arn
    return disk


def tags(environment: EnvironmentSpec, model: ModelSpec) -> list[dict[str, str]]:
    return [
        {"Key": "slipway:environment", "Value": environment.name},
        {"Key": "slipway:model", "Value": model.name},
    ]
