"""The task that runs one processing job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.containers.images import training_image
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.jobs.running_job import still_running
from stacks.constructs.logs.log_command import with_log
from stacks.constructs.security.statements import allow
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import RESULT, Jsonata, expression, first_of
from stacks.constructs.workflows.states import Fail, catch
from stacks.constructs.workflows.step import Exit
from stacks.constructs.workflows.task import Task

ROOT = "/opt/ml/processing"
IN_USE = "SageMaker.ResourceInUseException"
# A job that fails leaves its description as the cause: its ExitMessage is the sentence of our code.
JOB_REASON = Jsonata(
    "($cause := $states.errorOutput.Cause; $job := $substring($cause, 0, 1) = '{' ? $parse($cause) : {}; "
    "$exists($job.ExitMessage) ? $job.ExitMessage : $exists($job.FailureReason) ? $job.FailureReason : $cause)"
)


@dataclass(frozen=True)
class Sometimes:
    """The S3 URI of an input that a job has only under a condition."""

    condition: Jsonata
    uri: Jsonata


class ProcessingTask(Task):
    """One processing job: code and inputs in, one output out. A job that fails ends the execution with its sentence.

    `noun` names the failure: `Evaluation` gives the state "Evaluation failed" and the error `EvaluationFailed`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: JobSettings,
        role: iam.Role,
        step: str,
        noun: str,
        inputs: Mapping[str, str | Jsonata | Sometimes],
        output: tuple[str, Jsonata],
    ) -> None:
        compute = settings.environment.processing
        super().__init__(
            scope,
            id_,
            role=settings.workflow_role,
            resource="sagemaker:createProcessingJob.sync",
            arguments={
                "ProcessingJobName": settings.job_name(step),
                "RoleArn": role.role_arn,
                "AppSpecification": {
                    "ImageUri": training_image(settings.environment, compute.instance_type).uri,
                    "ContainerEntrypoint": settings.entry_point(step, f"{ROOT}/input/code"),
                },
                "ProcessingInputs": _inputs({"code": settings.code.s3_object_url, **inputs}),
                "ProcessingOutputConfig": {
                    "KmsKeyId": settings.foundation.key.key_arn,
                    "Outputs": [_output(*output)],
                },
                "ProcessingResources": {
                    "ClusterConfig": {
                        "InstanceCount": 1,
                        "InstanceType": compute.instance_type,
                        **settings.volume(compute.instance_type, compute.volume_size_gb),
                    }
                },
                "NetworkConfig": {"VpcConfig": settings.network.jobs.members},
                "StoppingCondition": {"MaxRuntimeInSeconds": settings.model.training.max_runtime_seconds},
                "Tags": settings.tags(),
            },
            statements=settings.statements("Processing", role),
        )
        failed = Fail(
            scope, f"{noun} failed", error=f"{noun}Failed", cause=with_log("$reason", settings.resolved, step)
        )
        look, self._completed = self._look(scope, noun, settings, step), Branch(Jsonata("$processing = 'Completed'"))
        catch(self, look, errors=[IN_USE])
        catch(self, failed, assign={"reason": JOB_REASON})
        look.next(
            Choice(
                scope,
                f"How did {noun} end?",
                self._completed,
                still_running(scope, f"Wait for {noun}", status=Jsonata("$processing"), look=look),
                Otherwise(failed),
            )
        )

    @property
    def exits(self) -> list[Exit]:
        """The end of the task, or of a job that an earlier attempt had made."""
        return [self, self._completed]

    def _look(self, scope: Construct, noun: str, settings: JobSettings, step: str) -> Task:
        jobs = settings.job_arn("processing-job")
        reason = first_of(f"{RESULT}.FailureReason", f"{RESULT}.ProcessingJobStatus")
        return Task(
            scope,
            f"How is {noun}?",
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:describeProcessingJob",
            arguments={"ProcessingJobName": settings.job_name(step)},
            statements=[allow(["sagemaker:DescribeProcessingJob"], [jobs])],
            assign={
                "processing": Jsonata(f"{RESULT}.ProcessingJobStatus"),
                "reason": first_of(f"{RESULT}.ExitMessage", f"({reason})"),
            },
        )


def _inputs(inputs: Mapping[str, str | Jsonata | Sometimes]) -> list[dict[str, Any]] | Jsonata:
    always = [_input(name, uri) for name, uri in inputs.items() if not isinstance(uri, Sometimes)]
    if not (others := {name: each for name, each in inputs.items() if isinstance(each, Sometimes)}):
        return always
    listed = expression(always)
    for name, each in others.items():
        listed = Jsonata(f"$append({listed}, {each.condition} ? [{expression(_input(name, each.uri))}] : [])")
    return listed


def _input(name: str, uri: str | Jsonata) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": f"{ROOT}/input/{name}", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source}


def _output(name: str, uri: Jsonata) -> dict[str, Any]:
    target = {"S3Uri": uri, "LocalPath": f"{ROOT}/output/{name}", "S3UploadMode": "EndOfJob"}
    return {"OutputName": name, "S3Output": target}
