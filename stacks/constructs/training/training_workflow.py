"""The training workflow: prepare, train, evaluate, gate, seal, register (docs/decisions/0001)."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.training.candidate_ladder import CandidateLadder
from stacks.constructs.training.champion import Champion
from stacks.constructs.training.data_preparation import DataPreparation
from stacks.constructs.training.description import Description
from stacks.constructs.training.evaluation import Evaluation
from stacks.constructs.training.evaluation_gate import EvaluationGate
from stacks.constructs.training.experiment_tracking import ExperimentTracking
from stacks.constructs.training.hyperparameter_tuning import HyperparameterTuning
from stacks.constructs.training.judge import Judge
from stacks.constructs.training.plan import Plan
from stacks.constructs.training.records import Records
from stacks.constructs.training.registration import Registered, Registration
from stacks.constructs.training.sealed_archive import SealedArchive
from stacks.constructs.workflows.step import Step
from stacks.constructs.workflows.workflow import Workflow, WorkflowRole


class TrainingWorkflow(Construct):
    """The state machine of one model; its input may hold ``hyperparameters``, ``tune`` and ``commit``."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, role: WorkflowRole, group: str) -> None:
        super().__init__(scope, id_)
        self.machine = Workflow(
            self,
            "Machine",
            role=role,
            steps=self._steps(settings, group),
            timeout=Duration.days(5),
            log_days=settings.environment.retention.log_days,
        )

    def _steps(self, settings: JobSettings, group: str) -> list[Step]:
        """The steps in their order. Some exist only where model or environment ask for them."""
        judge, tuning = settings.model.evaluation.judge, settings.model.training.tuning
        app = settings.foundation.tracking_app
        tracking = ExperimentTracking(self, "Tracking", settings=settings, app=app) if app else None
        return [
            Plan(self, "Plan", settings=settings),
            *([Judge(self, "Judge", settings=settings, judge=judge)] if judge else []),
            DataPreparation(self, "Preparation", settings=settings),
            *([HyperparameterTuning(self, "Tuning", settings=settings, tuning=tuning)] if tuning else []),
            CandidateLadder(self, "Ladder", settings=settings),
            Champion(self, "Champion", settings=settings, group=group),
            Description(self, "Describe", settings=settings),
            Evaluation(self, "Evaluate", settings=settings),
            Records(self, "Records", settings=settings),
            *([tracking.of_run] if tracking else []),
            EvaluationGate(self, "Gate", settings=settings),
            SealedArchive(self, "Archive", settings=settings),
            Registration(self, "Register", settings=settings, group=group),
            *([tracking.of_version] if tracking else []),
            Registered(self, "Registered", model=settings.model),
        ]
