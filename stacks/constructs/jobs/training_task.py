"""The task that runs one training job on one compute candidate."""

from __future__ import annotations

from typing import Any

from constructs import Construct

from specs import Candidate, Training, names
from stacks.constructs.containers.images import training_image
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.workflows.jsonata import Jsonata
from stacks.constructs.workflows.task import Task


class TrainingTask(Task):
    """One training job on one candidate; its hyperparameters are the workflow's variable `$hyperparameters`."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, candidate: Candidate, index: int) -> None:
        training, key = settings.model.training, settings.foundation.key.key_arn
        arguments: dict[str, Any] = {
            "TrainingJobName": settings.job_name(f"train-{index}"),
            "RoleArn": settings.roles.train.role_arn,
            "AlgorithmSpecification": {
                "TrainingImage": training_image(settings.environment, candidate.instance_type).uri,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": settings.entry_point("train", "/opt/ml/input/data/code"),
                "MetricDefinitions": metric_definitions(training),
            },
            "HyperParameters": Jsonata("$hyperparameters"),
            "InputDataConfig": channels(settings),
            "OutputDataConfig": {"S3OutputPath": settings.location(names.MODELS), "KmsKeyId": key},
            "ResourceConfig": {
                "InstanceType": candidate.instance_type,
                "InstanceCount": candidate.instance_count,
                **settings.volume(candidate.instance_type, training.volume_size_gb),
            },
            "StoppingCondition": stopping(training, candidate),
            "VpcConfig": settings.network.jobs.members,
            **encrypted_between_hosts(candidate),
            "Tags": settings.tags(),
            **interruptible(training, candidate, settings.location(f"{names.CHECKPOINTS}/training")),
        }
        super().__init__(
            scope,
            id_,
            role=settings.workflow_role,
            resource="sagemaker:createTrainingJob.sync",
            arguments=arguments,
            statements=settings.statements("Training", settings.roles.train),
        )


def metric_definitions(training: Training) -> list[dict[str, str]]:
    """The patterns by which SageMaker reads metrics from a training job's log."""
    return [{"Name": name, "Regex": f"metric {name}=([0-9.eE+-]+)"} for name in training.metrics]


def channels(settings: JobSettings) -> list[dict[str, Any]]:
    """The inputs of a training job, below /opt/ml/input/data."""
    return [
        _channel("code", settings.code.s3_object_url),
        _channel("train", settings.prepared("train/")),
        _channel("validation", settings.prepared("validation/")),
    ]


def stopping(training: Training, candidate: Candidate) -> dict[str, Any]:
    """StoppingCondition; on spot it includes the wait for instances."""
    wait = {"MaxWaitTimeInSeconds": candidate.max_wait_seconds} if candidate.purchase == "spot" else {}
    return {"MaxRuntimeInSeconds": training.max_runtime_seconds, **wait}


def interruptible(training: Training, candidate: Candidate, checkpoints: Jsonata) -> dict[str, Any]:
    """The arguments of an interruptible training job: its checkpoints' S3 URI, and spot instances."""
    kept = {"CheckpointConfig": {"S3Uri": checkpoints}} if training.checkpoints else {}
    return {**kept, **({"EnableManagedSpotTraining": True} if candidate.purchase == "spot" else {})}


def encrypted_between_hosts(candidate: Candidate) -> dict[str, bool]:
    """The argument that encrypts the traffic between the hosts of a distributed job.

    Source: Amazon SageMaker AI, "Protect Communications Between ML Compute Instances in a Distributed Training Job".
    """
    return {"EnableInterContainerTrafficEncryption": True} if candidate.instance_count > 1 else {}


def _channel(name: str, uri: str | Jsonata) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
