"""Jobs of another execution that write where they should not."""

from __future__ import annotations

from typing import Any

from deployed import MODEL, System
from waiting import until

_PUT = "boto3.client('s3').put_object(Bucket=sys.argv[1], Key=key, Body=b'mine')"
WRITE_OBJECTS = f"import boto3, sys; [{_PUT} for key in sys.argv[2:]]"
"""On one line, as the pattern of ContainerEntrypoint demands."""
_ENDED = {"Completed", "Failed", "Stopped"}


def intrude(system: System, kind: str, bucket: str, *keys: str) -> str:
    """Write objects by a job with the role of the newest one of its kind.

    `kind` is Training or Processing. Returns the status in which the job ended.
    """
    entry = {"ContainerEntrypoint": ["python3", "-c", WRITE_OBJECTS], "ContainerArguments": [bucket, *keys]}
    start = {"Training": _train, "Processing": _process}[kind]
    return start(system.client("sagemaker"), f"intruder-{kind.lower()}-{len(keys)}", entry)


def _train(sagemaker: Any, name: str, entry: dict[str, Any]) -> str:
    newest = sagemaker.list_training_jobs(SortBy="CreationTime", SortOrder="Descending", NameContains=MODEL)
    job = sagemaker.describe_training_job(TrainingJobName=newest["TrainingJobSummaries"][0]["TrainingJobName"])
    image = {"TrainingImage": job["AlgorithmSpecification"]["TrainingImage"], "TrainingInputMode": "File"}
    kept = ("RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "VpcConfig")
    sagemaker.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification=image | entry,
        StoppingCondition={"MaxRuntimeInSeconds": 300},
        **{member: job[member] for member in kept},
    )
    until(lambda: sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] in _ENDED)
    return sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"]


def _process(sagemaker: Any, name: str, entry: dict[str, Any]) -> str:
    newest = sagemaker.list_processing_jobs(SortBy="CreationTime", SortOrder="Descending", NameContains="evaluate")
    job = sagemaker.describe_processing_job(ProcessingJobName=newest["ProcessingJobSummaries"][0]["ProcessingJobName"])
    sagemaker.create_processing_job(
        ProcessingJobName=name,
        AppSpecification={"ImageUri": job["AppSpecification"]["ImageUri"]} | entry,
        **{member: job[member] for member in ("RoleArn", "ProcessingResources", "NetworkConfig")},
    )
    until(lambda: sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] in _ENDED)
    return sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"]
