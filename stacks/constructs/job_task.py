"""A SageMaker job as a step of a workflow: the one place that knows how a workflow starts one and learns its fate.

Were `.sync` to refuse a field, or to treat a stopped job in another way than we read, this is the file to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import ModelSpec
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.task import Task

RESULT = "$states.result"


@dataclass(frozen=True)
class JobKind:
    """A family of the SageMaker API, such as CreateTrainingJob, DescribeTrainingJob, StopTrainingJob."""

    noun: str
    resource: str
    managed_rule: str
    """The EventBridge rule by which `.sync` learns of the end (AWS Step Functions, "Service integration patterns")."""
    remembered: Mapping[str, str]
    """Variable field -> expression on the description; every one has a default, JSONata fails on the undefined."""


TRAINING = JobKind(
    noun="TrainingJob",
    resource="training-job",
    managed_rule="StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    remembered={
        "status": f"{{% {RESULT}.TrainingJobStatus %}}",
        "secondary_status": f"{{% $join([{RESULT}.SecondaryStatus], '') %}}",
        "reason": f"{{% $join([{RESULT}.FailureReason], '') %}}",
        "model_data": f"{{% $join([{RESULT}.ModelArtifacts.S3ModelArtifacts], '') %}}",
    },
)

PROCESSING = JobKind(
    noun="ProcessingJob",
    resource="processing-job",
    managed_rule="StepFunctionsGetEventsForSageMakerProcessingJobsRule",
    remembered={
        "status": f"{{% {RESULT}.ProcessingJobStatus %}}",
        "secondary_status": "",
        # ExitMessage is what the job's own code says; FailureReason is SageMaker's sentence about it.
        "reason": f"{{% $join([{RESULT}.FailureReason, {RESULT}.ExitMessage], ': ') %}}",
        "model_data": "",
    },
)


class JobTask(Construct):
    """Create the job, describe it however it ended, and branch on what was described.

    `start` and `outcome` are its first and last state. After it `$job` holds `name`, `status`, `secondary_status`,
    `reason` and `model_data`; its status is NotCreated where SageMaker refused to create it. Whoever uses the task
    adds choices to `outcome`. The workflow's variable `$name` must hold the beginning of all its job names.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        kind: JobKind,
        step: str,
        model: ModelSpec,
        role: iam.Role,
        job_role: iam.Role,
        request: Mapping[str, Any],
        assign: Mapping[str, Any] | None = None,
    ) -> None:
        """`step` ends the job's name, so it has at most 10 characters; `assign` is set once the job was asked for."""
        super().__init__(scope, name)
        job_name = _job_name(step)
        remembered = {"job_name": job_name, **(assign or {})}
        self.start = Task(
            self,
            name,
            role=role,
            resource=f"sagemaker:create{kind.noun}.sync",
            arguments={f"{kind.noun}Name": job_name, "RoleArn": job_role.role_arn, **request},
            statements=_statements(self, kind, model, job_role),
            assign={**remembered, "refusal": ""},
        )
        describe = Task(
            self,
            f"Describe: {name}",
            role=role,
            resource=f"aws-sdk:sagemaker:describe{kind.noun}",
            arguments={f"{kind.noun}Name": "{% $job_name %}"},
            statements=[],
            assign={"job": {"name": "{% $job_name %}", **kind.remembered}},
        )
        self.outcome = sfn.Choice(self, f"Outcome: {name}")
        # A failed job and a refused Create both raise: what is described decides, not how the error is called.
        refusal = {**remembered, "refusal": "{% $states.errorOutput.Error & ': ' & $states.errorOutput.Cause %}"}
        self.start.add_catch(describe, errors=["States.TaskFailed"], assign=refusal, outputs={})
        describe.add_catch(self.outcome, errors=["States.TaskFailed"], assign={"job": _not_created()}, outputs={})
        self.start.next(describe).next(self.outcome)
        _acknowledge(role, self, kind, model)


def _job_name(step: str) -> str:
    """Unique for each attempt: SageMaker never lets a name be used again, so a fixed one would break a retry."""
    context = "$states.context"
    redrives = f"($exists({context}.Execution.RedriveCount) ? {context}.Execution.RedriveCount : 0)"
    return f"{{% $name & '-{step}-' & $string({context}.State.RetryCount + 10 * {redrives}) %}}"


def _not_created() -> dict[str, str]:
    return {
        "name": "{% $job_name %}",
        "status": "NotCreated",
        "secondary_status": "",
        "reason": "{% $refusal ? $refusal : $states.errorOutput.Error & ': ' & $states.errorOutput.Cause %}",
        "model_data": "",
    }


def _job_arn(scope: Construct, kind: JobKind, model: ModelSpec) -> str:
    return Stack.of(scope).format_arn(service="sagemaker", resource=kind.resource, resource_name=f"{model.name}-*")


def _statements(
    scope: Construct, kind: JobKind, model: ModelSpec, job_role: iam.Role
) -> list[iam.PolicyStatement]:
    rule = Stack.of(scope).format_arn(service="events", resource="rule", resource_name=kind.managed_rule)
    verbs = [f"sagemaker:{verb}{kind.noun}" for verb in ("Create", "Describe", "Stop")]
    return [
        iam.PolicyStatement(
            actions=[*verbs, "sagemaker:AddTags"], resources=[_job_arn(scope, kind, model)]
        ),
        iam.PolicyStatement(
            actions=["events:DescribeRule", "events:PutRule", "events:PutTargets"], resources=[rule]
        ),
        iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[job_role.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
    ]


def _acknowledge(role: iam.Role, scope: Construct, kind: JobKind, model: ModelSpec) -> None:
    arn = Stack.of(scope).resolve(_job_arn(scope, kind, model))
    acknowledge(role, "Every job has a name of its own; all begin with the model's name", f"IAM5[Resource::{arn}]")
