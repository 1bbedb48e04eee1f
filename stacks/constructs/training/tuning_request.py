"""The arguments of CreateHyperParameterTuningJob: the search, and the training jobs of its trials."""

from __future__ import annotations

from typing import Any

from specs import Candidate, Tuning, hyperparameter_text, images, names
from specs.tuning import Range
from stacks.constructs.archives.code_archive import PROGRAM
from stacks.constructs.catalog.instance_types import has_local_storage
from stacks.constructs.containers.images import training_image
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.jobs.training_task import (
    channels,
    encrypted_between_hosts,
    interruptible,
    metric_definitions,
    stopping,
)
from stacks.constructs.workflows.jsonata import Jsonata, literal

MOST_INSTANCE_CONFIGS = 6  # SageMaker API Reference, "HyperParameterTuningResourceConfig"
OWN_CHECKPOINTS = {"CHECKPOINTS_OF": "job"}
"""The environment in which our code gives each trial a folder of checkpoints, named after its training job."""
_SCALES = {"linear": "Linear", "log": "Logarithmic"}


def request(settings: JobSettings, tuning: Tuning) -> dict[str, Any]:
    """All arguments but the job's name."""
    return {
        "HyperParameterTuningJobConfig": {
            "Strategy": tuning.strategy.capitalize(),
            "HyperParameterTuningJobObjective": {"Type": tuning.goal.capitalize(), "MetricName": tuning.objective},
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": tuning.max_jobs,
                "MaxParallelTrainingJobs": tuning.max_parallel_jobs,
            },
            "TrainingJobEarlyStoppingType": "Auto" if tuning.early_stopping else "Off",
            "ParameterRanges": parameter_ranges(tuning.ranges),
        },
        "TrainingJobDefinition": _definition(settings, tuning),
        "Tags": settings.tags(),
    }


def interchangeable(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The first candidate, and those that can replace it within one tuning job.

    Its training jobs share image, way of purchase, number of instances and volume key, which instances with disks of
    their own refuse.
    """
    first = candidates[0]
    return tuple(each for each in candidates if _shared(each) == _shared(first))[:MOST_INSTANCE_CONFIGS]


def parameter_ranges(ranges: dict[str, Range]) -> dict[str, list[dict[str, Any]]]:
    """ParameterRanges without the kinds that are not used."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for name, found in sorted(ranges.items()):
        kinds.setdefault(f"{_kind(found)}ParameterRanges", []).append({"Name": name, **_searched(found)})
    return kinds


def _kind(found: Range) -> str:
    if found.values is not None:
        return "Categorical"
    return "Integer" if isinstance(found.min, int) and isinstance(found.max, int) else "Continuous"


def _searched(found: Range) -> dict[str, Any]:
    if found.values is not None:
        return {"Values": [hyperparameter_text(value) for value in found.values]}
    return {
        "MinValue": hyperparameter_text(found.min),
        "MaxValue": hyperparameter_text(found.max),
        "ScalingType": _SCALES[found.scale],
    }


def _shared(candidate: Candidate) -> tuple[object, ...]:
    type_ = candidate.instance_type
    return candidate.purchase, candidate.instance_count, images.training(type_), has_local_storage(type_)


def _definition(settings: JobSettings, tuning: Tuning) -> dict[str, Any]:
    training, key = settings.model.training, settings.foundation.key.key_arn
    candidates = interchangeable(settings.environment.training.candidates)
    first = candidates[0]
    return {
        "RoleArn": settings.roles.train.role_arn,
        "AlgorithmSpecification": {
            "TrainingImage": training_image(settings.environment, first.instance_type).uri,
            "TrainingInputMode": "File",
            "MetricDefinitions": metric_definitions(training),
        },
        "StaticHyperParameters": _static(settings, tuning),
        "InputDataConfig": channels(settings),
        "OutputDataConfig": {"S3OutputPath": settings.location(f"{names.TUNING}/models"), "KmsKeyId": key},
        "HyperParameterTuningResourceConfig": _resources(settings, candidates),
        "StoppingCondition": stopping(training, first),
        "VpcConfig": settings.network.jobs.members,
        **encrypted_between_hosts(first),
        "Environment": OWN_CHECKPOINTS,
        **interruptible(training, first, settings.location(f"{names.CHECKPOINTS}/trials")),
    }


def _resources(settings: JobSettings, candidates: tuple[Candidate, ...]) -> dict[str, Any]:
    gigabytes = settings.model.training.volume_size_gb
    volume = settings.volume(candidates[0].instance_type, gigabytes)
    shared = {name: value for name, value in volume.items() if name == "VolumeKmsKeyId"}
    return {
        "AllocationStrategy": "Prioritized",
        "InstanceConfigs": [
            {
                "InstanceType": each.instance_type,
                "InstanceCount": each.instance_count,
                "VolumeSizeInGB": gigabytes,
            }
            for each in candidates
        ],
        **shared,
    }


def _static(settings: JobSettings, tuning: Tuning) -> Jsonata:
    """The hyperparameters that are not searched, and those that start our code.

    A tuning job has no ContainerEntrypoint, so the image's script mode starts the code; without `model_dir` it fails
    (sagemaker-tensorflow-training, training.py).
    """
    archive = settings.code.s3_object_key.rsplit("/", 1)[-1]
    own = {
        **{name: hyperparameter_text(value) for name, value in sorted(tuning.hyperparameters.items())},
        "sagemaker_program": PROGRAM,
        "sagemaker_submit_directory": f"/opt/ml/input/data/code/{archive}",
        "model_dir": "/opt/ml/model",
    }
    kept = f"$sift($hyperparameters, function($value, $name) {{ $not($name in {literal(sorted(tuning.ranges))}) }})"
    return Jsonata(f"$merge([{kept}, {literal(own)}])")
