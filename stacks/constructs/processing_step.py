"""A processing job of the workflow: preparation or evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.images import training_image
from stacks.constructs.job_request import entrypoint, tags, volume
from stacks.constructs.job_task import PROCESSING, JobTask
from stacks.constructs.training_context import TrainingContext

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"
MAX_RUNTIME_SECONDS = 2 * 60 * 60


class ProcessingStep(JobTask):
    """Runs one module of the model's code; `inputs` and `outputs` map a folder's name to its S3 address.

    Ends in `next_`, or in a Fail state that tells the job's own reason.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        context: TrainingContext,
        step: str,
        inputs: Mapping[str, str],
        outputs: Mapping[str, str],
        next_: sfn.IChainable,
        assign: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            scope,
            name,
            kind=PROCESSING,
            step=step,
            model=context.model,
            role=context.role,
            job_role=context.job_role,
            request=_request(context, step, inputs, outputs),
            assign=assign,
        )
        failed = sfn.Fail(
            self,
            f"{name} failed",
            error=f"{step.capitalize()}Failed",
            cause="{% 'The job ' & $job.name & ' ended ' & $job.status & ': ' & $job.reason %}",
        )
        self.outcome.when(sfn.Condition.jsonata("{% $job.status = 'Completed' %}"), next_).otherwise(failed)


def _request(
    context: TrainingContext, step: str, inputs: Mapping[str, str], outputs: Mapping[str, str]
) -> dict[str, Any]:
    processing = context.environment.processing
    key = context.foundation.key
    cluster = {
        "InstanceType": processing.instance_type,
        "InstanceCount": 1,
        **volume(processing.instance_type, processing.volume_size_gb, key),
    }
    return {
        "AppSpecification": {
            "ImageUri": training_image(context.environment.region, processing.instance_type).uri,
            "ContainerEntrypoint": entrypoint(f"{INPUT}/code", context.model.training.package, step),
        },
        "ProcessingInputs": [_input(name, uri) for name, uri in inputs.items()],
        "ProcessingOutputConfig": {
            "KmsKeyId": key.key_arn,
            "Outputs": [_output(name, uri) for name, uri in outputs.items()],
        },
        "ProcessingResources": {"ClusterConfig": cluster},
        "NetworkConfig": {"VpcConfig": context.network.vpc_config},
        "StoppingCondition": {"MaxRuntimeInSeconds": MAX_RUNTIME_SECONDS},
        "Tags": tags(context.environment, context.model),
    }


def _input(name: str, uri: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": f"{INPUT}/{name}", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source}


def _output(name: str, uri: str) -> dict[str, Any]:
    target = {"S3Uri": uri, "LocalPath": f"{OUTPUT}/{name}", "S3UploadMode": "EndOfJob"}
    return {"OutputName": name, "S3Output": target}
