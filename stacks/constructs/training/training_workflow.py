"""The training workflow: prepare, train, evaluate, gate, register (docs/decisions/0001)."""

from __future__ import annotations

import json

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import EnvironmentSpec, names
from stacks.constructs.catalog.images import inference_image
from stacks.constructs.jobs.job_task import JobSettings, ProcessingTask
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.training.candidate_ladder import CandidateLadder
from stacks.constructs.training.data_preparation import DataPreparation
from stacks.constructs.training.description import Description
from stacks.constructs.training.evaluation_gate import EvaluationGate
from stacks.constructs.training.execution_input import INPUT, refusal
from stacks.constructs.training.experiment_tracking import ExperimentTracking
from stacks.constructs.training.hyperparameter_tuning import HyperparameterTuning
from stacks.constructs.training.judge import Judge
from stacks.constructs.training.tuning_request import text
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import Workflow, WorkflowRole, fail, jsonata, or_fail

RUN = "$substring($hash($states.context.Execution.Id, 'SHA-256'), 0, 16)"
# What a package's CustomerMetadataProperties hold: all metrics that are numbers, and where it comes from.
PROPERTIES = (
    "$merge($append($each($metrics, function($value, $name) { $type($value) = 'number' ? {$name: $string($value)} }),"
    " [{'execution': $states.context.Execution.Id, 'trainingJob': $job.name, 'candidate': $job.candidate}]))"
)


class TrainingWorkflow(Construct):
    """The state machine of one model; its input may hold ``hyperparameters``, ``tune`` and ``commit``."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: JobSettings,
        environment: EnvironmentSpec,
        role: WorkflowRole,
        group: str,
    ) -> None:
        super().__init__(scope, id_)
        self._settings, self._environment, self._group = settings, environment, group
        registered = self._register()
        registered.next(sfn.Succeed(self, "Registered"))
        gate = EvaluationGate(self, "Gate", settings=settings, group=group, then=registered)
        evaluate = self._evaluate()
        evaluate.next(self._tracked(gate.start))
        describe = Description(self, "Describe", settings=settings, environment=environment)
        describe.next(evaluate)
        ladder = CandidateLadder(
            self, "Ladder", settings=settings, candidates=environment.training.candidates, then=describe
        )
        prepare = DataPreparation(
            self, "Preparation", settings=settings, environment=environment, then=self._tuned(ladder.start)
        ).start
        first: sfn.IChainable = prepare
        if settings.model.evaluation.judge:
            first = Judge(self, "Judge", settings=settings, environment=environment, then=prepare).start
        self.machine = Workflow(
            self,
            "Machine",
            role=role,
            start=self._checked_input(first),
            timeout=Duration.days(5),
            log_days=environment.retention.log_days,
        )

    def _tracked(self, then: sfn.IChainable) -> sfn.IChainable:
        """Through MLflow to what follows, where the environment tracks runs."""
        settings, days = self._settings, self._environment.retention.log_days
        app = settings.foundation.tracking_app
        if app is None:
            return then
        return ExperimentTracking(self, "Tracking", settings=settings, app=app, log_days=days, then=then).start

    def _tuned(self, then: sfn.State) -> sfn.State:
        """Through the search for hyperparameters to what follows, where the model declares one."""
        settings, candidates = self._settings, self._environment.training.candidates
        if settings.model.training.tuning is None:
            return then
        return HyperparameterTuning(self, "Tuning", settings=settings, candidates=candidates, then=then).start

    def _checked_input(self, then: sfn.IChainable) -> sfn.Choice:
        refused_because = refusal(self._settings.model)
        refused = fail(self, "Unknown input", error="UnknownInput", cause=refused_because)
        plan = sfn.Pass(
            self,
            "Plan",
            assign={
                "run": jsonata(RUN),
                "hyperparameters": jsonata(self._hyperparameters()),
                "search": {},
                "tried": [],
                "jobs": [],
            },
        )
        plan.next(then)
        understood = sfn.Condition.jsonata(jsonata(f"{refused_because} = ''"))
        return sfn.Choice(self, "Check the input").when(understood, plan).otherwise(refused)

    def _hyperparameters(self) -> str:
        """The declared ones, overridden by the execution's input; SageMaker takes strings only."""
        declared = {name: text(value) for name, value in sorted(self._settings.model.training.hyperparameters.items())}
        given = f"$each({INPUT}.hyperparameters, function($value, $name) {{ {{$name: $string($value)}} }})"
        return f"$merge($append([{json.dumps(declared)}], {given}))"

    def _evaluate(self) -> ProcessingTask:
        settings = self._settings
        task = ProcessingTask(
            self,
            "Evaluate",
            settings=settings,
            step="evaluate",
            compute=self._environment.processing,
            inputs={
                "model": jsonata("$job.artifact"),
                "test": settings.prepared("test/"),
                "training": jsonata("$replace($job.artifact, 'model.tar.gz', 'output.tar.gz')"),
                "execution": settings.location("execution/"),
                "manifest": settings.prepared("manifest.json"),
                **({"judge": jsonata("$judge")} if settings.model.evaluation.judge else {}),
            },
            output=("evaluation", settings.location("evaluation")),
        )
        or_fail(task, "Evaluation failed", error="EvaluationFailed")
        return task

    def _register(self) -> Task:
        settings, serving = self._settings, self._settings.model.serving
        instance_type = self._environment.serving.instance_type
        acknowledge_wildcards(
            settings.workflow_role,
            "The registry gives the version numbers",
            arn(self, "sagemaker", f"model-package/{self._group}/*"),
        )
        packages = [f"model-package-group/{self._group}", f"model-package/{self._group}/*"]
        return Task(
            self,
            "Register",
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:createModelPackage",
            arguments={
                "ModelPackageGroupName": self._group,
                "ModelApprovalStatus": _status(self._environment),
                "InferenceSpecification": {
                    "Containers": [
                        {
                            "Image": inference_image(settings.foundation.region, instance_type).uri,
                            "ModelDataUrl": jsonata("$job.artifact"),
                        }
                    ],
                    "SupportedContentTypes": list(serving.content_types),
                    "SupportedResponseMIMETypes": list(serving.response_types),
                    "SupportedRealtimeInferenceInstanceTypes": [instance_type],
                },
                "ModelMetrics": {
                    "ModelQuality": {
                        "Statistics": {
                            "ContentType": "application/json",
                            "S3Uri": settings.location(names.EVALUATION),
                        }
                    }
                },
                "CustomerMetadataProperties": jsonata(PROPERTIES),
            },
            statements=[allow(["sagemaker:CreateModelPackage"], [arn(self, "sagemaker", name) for name in packages])],
        )


def _status(environment: EnvironmentSpec) -> str:
    return "Approved" if environment.release.approval == "automatic" else "PendingManualApproval"
