"""The training workflow: prepare, train, evaluate, gate, register."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.acknowledge import acknowledge, objects_finding
from stacks.constructs.candidate_ladder import CandidateLadder
from stacks.constructs.gate import Gate
from stacks.constructs.processing_step import MAX_RUNTIME_SECONDS, ProcessingStep
from stacks.constructs.registration import Registration
from stacks.constructs.training_context import TrainingContext
from stacks.constructs.training_input import TrainingInput
from stacks.constructs.workflow import Workflow, WorkflowRole


class TrainingWorkflow(Construct):
    """Built from its end to its beginning: every step is given the one that follows. Holds `machine`."""

    def __init__(self, scope: Construct, id_: str, *, context: TrainingContext, role: WorkflowRole) -> None:
        super().__init__(scope, id_)
        registration = Registration(self, "Registration", context=context)
        gate = Gate(self, "Gate", context=context, next_=registration.start)
        evaluate = _evaluate(self, context, gate.start)
        ladder = CandidateLadder(self, "Ladder", context=context, next_=evaluate)
        prepare = _prepare(self, context, ladder.start)
        begin = TrainingInput(self, "Input", context=context, next_=prepare)
        destroys = context.environment.retention.data == "destroy"
        self.machine = Workflow(
            self,
            "Machine",
            role=role,
            start=begin.start,
            timeout=_timeout(context),
            log_days=context.environment.retention.log_days,
            removal_policy=RemovalPolicy.DESTROY if destroys else RemovalPolicy.RETAIN,
        )
        _acknowledge(context)


def _prepare(scope: Construct, context: TrainingContext, next_: sfn.IChainable) -> sfn.IChainable:
    raw = context.foundation.data.s3_url_for_object(f"datasets/{context.model.data.dataset}/raw/")
    return ProcessingStep(
        scope,
        "Prepare",
        context=context,
        step="prepare",
        inputs={"code": context.code.s3_object_url, "raw": raw},
        outputs={"prepared": "{% $root & '/prepared/' %}"},
        next_=next_,
    ).start


def _evaluate(scope: Construct, context: TrainingContext, next_: sfn.IChainable) -> sfn.IChainable:
    """Remembers the training job first: afterwards `$job` is the evaluation."""
    remember = sfn.Pass(scope, "Trained", assign={"training": "{% $job %}"}, outputs={})
    step = ProcessingStep(
        scope,
        "Evaluate",
        context=context,
        step="evaluate",
        inputs={
            "code": context.code.s3_object_url,
            "model": "{% $training.model_data %}",
            "test": "{% $root & '/prepared/test/' %}",
        },
        outputs={"evaluation": "{% $root & '/evaluation/' %}"},
        next_=next_,
    )
    return remember.next(step.start)


def _timeout(context: TrainingContext) -> Duration:
    """Every job at its longest, and an hour of waiting for instances before each."""
    runtime = context.model.training.max_runtime_seconds
    jobs = [candidate.max_wait_seconds or runtime for candidate in context.environment.training.candidates]
    return Duration.seconds(sum(jobs) + 2 * MAX_RUNTIME_SECONDS + 3600 * (len(jobs) + 2))


def _acknowledge(context: TrainingContext) -> None:
    stack = Stack.of(context.role)
    packages = stack.format_arn(
        service="sagemaker", resource="model-package", resource_name=f"{context.model_package_group}/*"
    )
    acknowledge(
        context.role,
        "Every execution has a folder of its own; only the evaluation in it can be read",
        objects_finding(context.foundation.artifacts, f"{context.model.name}/*/evaluation/evaluation.json"),
    )
    acknowledge(
        context.role, "A version's number is given when it is created", f"IAM5[Resource::{stack.resolve(packages)}]"
    )
