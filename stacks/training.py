"""The training stack of one model: its code, the roles of its jobs, its registry, its workflow."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from specs import hints
from stacks.constructs.archives.code_archive import CodeArchive
from stacks.constructs.events.approval_notice import ApprovalNotice
from stacks.constructs.events.workflow_notice import WorkflowNotice
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.jobs.step_roles import step_roles
from stacks.constructs.shared.removal import removal_policy
from stacks.constructs.training.training_workflow import TrainingWorkflow
from stacks.constructs.workflows.workflow import WorkflowRole
from stacks.model_settings import ModelSettings

ROOT = Path(__file__).resolve().parents[1]


class TrainingStack(Stack):
    """Trains when its workflow is started: a stack update never does."""

    def __init__(self, scope: Construct, id_: str, *, settings: ModelSettings) -> None:
        super().__init__(scope, id_, env=settings.env)
        model, environment = settings.model, settings.environment
        group = settings.resolved.model_package_group
        # Not the model's own description: another text would replace the group, which a fixed name forbids.
        packages = sagemaker.CfnModelPackageGroup(
            self,
            "Packages",
            model_package_group_name=group,
            model_package_group_description=f"The versions of {model.name}",
        )
        packages.apply_removal_policy(removal_policy(environment.retention))
        code = CodeArchive(self, "Code", root=ROOT, package=model.training.package)
        roles = step_roles(self, settings, code)
        role = WorkflowRole(self, "WorkflowRole")
        jobs = JobSettings(settings.resolved, settings.network, settings.foundation, code, roles, role)
        workflow = TrainingWorkflow(self, "Workflow", settings=jobs, role=role, group=group)
        self._tell(settings, workflow)
        CfnOutput(self, "StateMachineArn", value=workflow.machine.state_machine_arn)
        CfnOutput(self, "ModelPackageGroupName", value=packages.model_package_group_name)

    def _tell(self, settings: ModelSettings, workflow: TrainingWorkflow) -> None:
        """Tell of trainings that do not succeed, and of versions that wait for approval."""
        resolved = settings.resolved
        WorkflowNotice(
            self,
            "Failed",
            foundation=settings.foundation,
            machine=workflow.machine,
            subject=f"Training of {resolved.model.name} in {resolved.environment.name}",
            next_steps=f"Read the reason: {hints.status(*resolved.place)}, and the log: {hints.logs(*resolved.place)}. "
            f"Mend it, then train again: {hints.train(*resolved.place)}.",
        )
        if resolved.environment.release.approval == "manual":
            ApprovalNotice(self, "Waits", settings=settings)
