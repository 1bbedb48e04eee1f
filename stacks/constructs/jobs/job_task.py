"""The one construct that starts SageMaker jobs from a workflow: task, exact policy, job name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from specs import Candidate, Processing, Training, names
from stacks.constructs.archives.code_archive import CodeArchive
from stacks.constructs.catalog.images import training_image
from stacks.constructs.catalog.instance_types import has_local_storage
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.statements import allow, arn, pass_role
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import jsonata
from stacks.model_settings import ModelSettings

# A redriven execution keeps its id, and job names can never be used again.
_ATTEMPT = "$string($exists($states.context.Execution.RedriveCount) ? $states.context.Execution.RedriveCount : 0)"


@dataclass(frozen=True)
class JobSettings(ModelSettings):
    """What all jobs of one model share; ``$run`` and ``$hyperparameters`` are variables of the workflow."""

    code: CodeArchive
    role: iam.Role
    workflow_role: iam.Role

    def location(self, path: str) -> str:
        """An S3 URI below the execution's root, as an expression."""
        prefix = f"s3://{self.foundation.artifacts.bucket_name}/{names.artifacts(self.model.name)}"
        return jsonata(f"'{prefix}' & $run & '/{path}'")

    def raw_data(self) -> str:
        """The S3 URI of the raw files."""
        return f"s3://{self.foundation.data.bucket_name}/{names.raw_data(self.model.data.dataset)}"

    def prepared(self, path: str) -> str:
        """An S3 URI in the prepared data, which executions share, as an expression."""
        return jsonata(self.prepared_uri(path))

    def prepared_uri(self, path: str) -> str:
        """The same as JSONata, for use within an expression."""
        prefix = f"s3://{self.foundation.artifacts.bucket_name}/{names.prepared_data(self.model.name)}"
        return f"'{prefix}' & $fingerprint & '/{path}'"

    def job_name(self, step: str) -> str:
        """Model, execution, step and attempt: at most 63 characters, never the same twice."""
        return jsonata(f"'{self.model.name}-' & $run & '-{step}-' & {_ATTEMPT}")

    @property
    def tuning_prefix(self) -> str:
        """What names of tuning jobs begin with: they have 32 characters at most, of which the run takes 16."""
        return f"{self.model.name[:12].rstrip('-')}-"

    def tuning_job_name(self) -> str:
        """A part of the model's name, execution and attempt."""
        return jsonata(f"'{self.tuning_prefix}' & $run & '-' & {_ATTEMPT}")

    def entry_point(self, step: str, code_folder: str) -> list[str]:
        """Unpack the code and run one step of it."""
        module = f"training.{self.model.training.package}.{step}"
        unpack = f"mkdir -p /opt/ml/code && tar xzf {code_folder}/*.gz -C /opt/ml/code"
        return ["sh", "-c", f"{unpack} && cd /opt/ml/code && exec python3 -m {module}"]

    def statements(self, kind: str) -> list[iam.PolicyStatement]:
        """What `.sync` needs to start, watch, tag and stop jobs of a kind (``Training`` or ``Processing``).

        Source: Step Functions Developer Guide, "Create and manage Amazon SageMaker AI jobs with Step Functions".
        """
        actions = [f"sagemaker:{verb}{kind}Job" for verb in ("Create", "Describe", "Stop")]
        scope = self.workflow_role
        jobs = arn(scope, "sagemaker", f"{kind.lower()}-job/{self.model.name}-*")
        acknowledge_wildcards(scope, "The names of jobs end with a hash of their execution", jobs)
        rule = f"rule/StepFunctionsGetEventsForSageMaker{kind}JobsRule"
        return [
            allow([*actions, "sagemaker:AddTags"], [jobs]),
            allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], [arn(scope, "events", rule)]),
            pass_role(self.role, "sagemaker.amazonaws.com"),
        ]

    def volume(self, instance_type: str, gigabytes: int) -> dict[str, Any]:
        key = {} if has_local_storage(instance_type) else {"VolumeKmsKeyId": self.foundation.key.key_arn}
        return {"VolumeSizeInGB": gigabytes, **key}

    def tags(self) -> list[dict[str, str]]:
        return [{"Key": names.MODEL_TAG, "Value": self.model.name}]


class TrainingTask(Task):
    """One training job on one candidate."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, candidate: Candidate, index: int) -> None:
        training, key = settings.model.training, settings.foundation.key.key_arn
        arguments: dict[str, Any] = {
            "TrainingJobName": settings.job_name(f"train-{index}"),
            "RoleArn": settings.role.role_arn,
            "AlgorithmSpecification": {
                "TrainingImage": training_image(settings.foundation.region, candidate.instance_type).uri,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": settings.entry_point("train", "/opt/ml/input/data/code"),
                "MetricDefinitions": metric_definitions(training),
            },
            "HyperParameters": jsonata("$hyperparameters"),
            "InputDataConfig": channels(settings),
            "OutputDataConfig": {"S3OutputPath": settings.location(names.MODELS), "KmsKeyId": key},
            "ResourceConfig": {
                "InstanceType": candidate.instance_type,
                "InstanceCount": candidate.instance_count,
                **settings.volume(candidate.instance_type, training.volume_size_gb),
            },
            "StoppingCondition": stopping(training, candidate),
            "VpcConfig": settings.network.vpc_config,
            "Tags": settings.tags(),
            **interruptible(training, candidate, settings.location("checkpoints")),
        }
        super().__init__(
            scope,
            id_,
            role=settings.workflow_role,
            resource="sagemaker:createTrainingJob.sync",
            arguments=arguments,
            statements=settings.statements("Training"),
        )


class ProcessingTask(Task):
    """One processing job: code and inputs in, one output out."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: JobSettings,
        step: str,
        compute: Processing,
        inputs: dict[str, str],
        output: tuple[str, str],
    ) -> None:
        base, key = "/opt/ml/processing", settings.foundation.key.key_arn
        sources = {"code": settings.code.s3_object_url, **inputs}
        name, destination = output
        super().__init__(
            scope,
            id_,
            role=settings.workflow_role,
            resource="sagemaker:createProcessingJob.sync",
            arguments={
                "ProcessingJobName": settings.job_name(step),
                "RoleArn": settings.role.role_arn,
                "AppSpecification": {
                    "ImageUri": training_image(settings.foundation.region, compute.instance_type).uri,
                    "ContainerEntrypoint": settings.entry_point(step, f"{base}/input/code"),
                },
                "ProcessingInputs": [
                    {
                        "InputName": source,
                        "S3Input": {
                            "S3Uri": uri,
                            "LocalPath": f"{base}/input/{source}",
                            "S3DataType": "S3Prefix",
                            "S3InputMode": "File",
                        },
                    }
                    for source, uri in sources.items()
                ],
                "ProcessingOutputConfig": {
                    "KmsKeyId": key,
                    "Outputs": [
                        {
                            "OutputName": name,
                            "S3Output": {
                                "S3Uri": destination,
                                "LocalPath": f"{base}/output/{name}",
                                "S3UploadMode": "EndOfJob",
                            },
                        }
                    ],
                },
                "ProcessingResources": {
                    "ClusterConfig": {
                        "InstanceCount": 1,
                        "InstanceType": compute.instance_type,
                        **settings.volume(compute.instance_type, compute.volume_size_gb),
                    }
                },
                "NetworkConfig": {"VpcConfig": settings.network.vpc_config},
                "StoppingCondition": {"MaxRuntimeInSeconds": settings.model.training.max_runtime_seconds},
                "Tags": settings.tags(),
            },
            statements=settings.statements("Processing"),
        )


def metric_definitions(training: Training) -> list[dict[str, str]]:
    """How SageMaker reads metrics from a training job's log."""
    return [{"Name": name, "Regex": f"metric {name}=([0-9.eE+-]+)"} for name in training.metrics]


def channels(settings: JobSettings) -> list[dict[str, Any]]:
    """What a training job finds below /opt/ml/input/data."""
    return [
        _channel("code", settings.code.s3_object_url),
        _channel("train", settings.prepared("train/")),
        _channel("validation", settings.prepared("validation/")),
    ]


def stopping(training: Training, candidate: Candidate) -> dict[str, Any]:
    """StoppingCondition; on spot it includes the wait for instances."""
    wait = {"MaxWaitTimeInSeconds": candidate.max_wait_seconds} if candidate.purchase == "spot" else {}
    return {"MaxRuntimeInSeconds": training.max_runtime_seconds, **wait}


def interruptible(training: Training, candidate: Candidate, checkpoints: str) -> dict[str, Any]:
    """The arguments of a training job that may be interrupted: its checkpoints' S3 URI, and spot instances."""
    kept = {"CheckpointConfig": {"S3Uri": checkpoints}} if training.checkpoints else {}
    return {**kept, **({"EnableManagedSpotTraining": True} if candidate.purchase == "spot" else {})}


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
