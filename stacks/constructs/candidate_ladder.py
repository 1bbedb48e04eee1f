"""Training on a ladder of compute candidates: what one cannot give, the next may."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import Candidate
from stacks.constructs.images import training_image
from stacks.constructs.job_request import entrypoint, tags, volume
from stacks.constructs.job_task import TRAINING, JobTask
from stacks.constructs.training_context import TrainingContext

CHANNELS = "/opt/ml/input/data"

NO_COMPUTE = (
    "{% ($job.status = 'NotCreated' and $contains($job.reason, 'ResourceLimitExceeded'))"
    " or ($job.status = 'Failed' and $substring($job.reason, 0, 13) = 'CapacityError')"
    " or ($job.status = 'Stopped' and $job.secondary_status = 'MaxWaitTimeExceeded') %}"
)
"""No quota, no capacity, no spot in time: the next candidate may have it. Everything else would fail there too."""

TRIED = "{% $append($tried, [$candidate & ': ' & ($job.reason ? $job.reason : $job.secondary_status)]) %}"


class CandidateLadder(Construct):
    """One job a candidate, in the declared order; all share the checkpoints of the execution.

    Begins at `start`, ends in `next_` with `$job` the completed job and `$candidate` the compute that it used.
    """

    def __init__(
        self, scope: Construct, id_: str, *, context: TrainingContext, next_: sfn.IChainable
    ) -> None:
        super().__init__(scope, id_)
        failed = sfn.Fail(
            self,
            "Training failed",
            error="TrainingFailed",
            cause="{% 'The job ' & $job.name & ' on ' & $candidate & ' ended ' & $job.status & ': ' & $job.reason %}",
        )
        stopped = sfn.Fail(
            self,
            "Training was stopped",
            error="TrainingStopped",
            cause="{% 'The job ' & $job.name & ' on ' & $candidate & ' was stopped (' & $job.secondary_status & ')' %}",
        )
        following: sfn.IChainable = sfn.Fail(
            self,
            "No candidate left",
            error="NoCandidateLeft",
            cause="{% 'No candidate had compute. Tried: ' & $join($tried, '; ') %}",
        )
        for index, candidate in reversed(list(enumerate(context.environment.training.candidates))):
            rung = _rung(self, index, candidate, context)
            rung.outcome.when(sfn.Condition.jsonata("{% $job.status = 'Completed' %}"), next_)
            rung.outcome.when(sfn.Condition.jsonata(NO_COMPUTE), following, assign={"tried": TRIED})
            rung.outcome.when(sfn.Condition.jsonata("{% $job.status = 'Stopped' %}"), stopped).otherwise(failed)
            following = rung.start
        self.start = following


def _rung(scope: Construct, index: int, candidate: Candidate, context: TrainingContext) -> JobTask:
    label = f"{candidate.instance_type} {candidate.purchase}"
    return JobTask(
        scope,
        f"Train {index}: {label}",
        kind=TRAINING,
        step=f"train{index}",
        model=context.model,
        role=context.role,
        job_role=context.job_role,
        request=_request(candidate, context),
        assign={"candidate": label},
    )


def _request(candidate: Candidate, context: TrainingContext) -> dict[str, Any]:
    training, key = context.model.training, context.foundation.key
    request: dict[str, Any] = {
        "AlgorithmSpecification": {
            "TrainingImage": training_image(context.environment.region, candidate.instance_type).uri,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": entrypoint(f"{CHANNELS}/code", training.package, "train"),
            "MetricDefinitions": [
                {"Name": name, "Regex": f"metric {name}=([0-9.eE+-]+)"} for name in training.metrics
            ],
        },
        "HyperParameters": "{% $hyperparameters %}",
        "InputDataConfig": [
            _channel("code", context.code.s3_object_url),
            _channel("train", "{% $root & '/prepared/train/' %}"),
            _channel("validation", "{% $root & '/prepared/validation/' %}"),
        ],
        "OutputDataConfig": {"S3OutputPath": "{% $root & '/models' %}", "KmsKeyId": key.key_arn},
        "ResourceConfig": {
            "InstanceType": candidate.instance_type,
            "InstanceCount": candidate.instance_count,
            **volume(candidate.instance_type, training.volume_size_gb, key),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": training.max_runtime_seconds},
        "VpcConfig": context.network.vpc_config,
        "Tags": tags(context.environment, context.model),
    }
    if candidate.instance_count > 1:
        request["EnableInterContainerTrafficEncryption"] = True
    if training.checkpoints:
        request["CheckpointConfig"] = {"S3Uri": "{% $root & '/checkpoints/' %}", "LocalPath": "/opt/ml/checkpoints"}
    if candidate.purchase == "spot":
        request["EnableManagedSpotTraining"] = True
        request["StoppingCondition"]["MaxWaitTimeInSeconds"] = candidate.max_wait_seconds
    return request


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
