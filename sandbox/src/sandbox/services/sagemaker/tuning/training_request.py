"""The training jobs of a tuning job: ordinary ones, made from its definition and the values of one trial."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.frame.errors import ValidationException

OBJECTIVE = "_tuning_objective_metric"
"""The hyperparameter by which a training job knows that it is part of a tuning job, and of which objective."""
_COPIED = (
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "VpcConfig",
    "StoppingCondition",
    "RetryStrategy",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "Environment",
)
_OF_ONE = ("InstanceType", "InstanceCount", "VolumeSizeInGB")


def job_name(tuning_job: str, number: int) -> str:
    """NAME-001-0a1b2c3d: the number counts from 1, the digits keep names of a deleted tuning job free."""
    return f"{tuning_job}-{number:03d}-{uuid.uuid4().hex[:8]}"


def training_request(
    tuning: Mapping[str, Any],
    name: str,
    values: Mapping[str, str],
    resources: Mapping[str, Any],
    tags: list[dict[str, str]],
) -> dict[str, Any]:
    """A request for CreateTrainingJob from one for CreateHyperParameterTuningJob."""
    definition = tuning["TrainingJobDefinition"]
    request: dict[str, Any] = {member: copy.deepcopy(definition[member]) for member in _COPIED if member in definition}
    metric = tuning["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    request |= {
        "TrainingJobName": name,
        "HyperParameters": {**definition.get("StaticHyperParameters", {}), **values, OBJECTIVE: metric},
        "ResourceConfig": dict(resources),
        "Tags": tags,
    }
    return request


def resource_configs(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The resources for a training job, the most wanted first. Raises ValidationException.

    Source: SageMaker API Reference, "HyperParameterTuningResourceConfig".
    """
    given = [name for name in ("ResourceConfig", "HyperParameterTuningResourceConfig") if name in definition]
    if len(given) != 1:
        received = " and ".join(given) or "neither"
        raise ValidationException(
            "TrainingJobDefinition needs either ResourceConfig or HyperParameterTuningResourceConfig (several instance "
            f"types, in their order); received {received}"
        )
    config = definition[given[0]]
    several = config.get("InstanceConfigs")
    if not several:
        return [{name: value for name, value in config.items() if name != "AllocationStrategy"}]
    if beside := [name for name in _OF_ONE if name in config]:
        raise ValidationException(
            f"HyperParameterTuningResourceConfig has InstanceConfigs, and {', '.join(beside)} beside them: give one or "
            "the other"
        )
    shared = {name: config[name] for name in ("VolumeKmsKeyId",) if name in config}
    return [{**each, **shared} for each in several]
