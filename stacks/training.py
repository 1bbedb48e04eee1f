"""The training stack of one model: its code, the roles of its jobs, its registry, its workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from specs import EnvironmentSpec, ModelSpec, names
from stacks.constructs.archives.code_archive import CodeArchive
from stacks.constructs.catalog.images import training_image
from stacks.constructs.jobs.job_role import JobRole
from stacks.constructs.jobs.job_task import JobSettings
from stacks.constructs.training.training_workflow import TrainingWorkflow
from stacks.constructs.workflows.workflow import WorkflowRole
from stacks.foundation import FoundationStack
from stacks.network import NetworkStack

ROOT = Path(__file__).resolve().parents[1]


class TrainingStack(Stack):
    """Trains when its workflow is started: a stack update never does."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: ModelSpec,
        environment: EnvironmentSpec,
        network: NetworkStack,
        foundation: FoundationStack,
        **options: Any,
    ) -> None:
        super().__init__(scope, id_, **options)
        group = names.model_package_group(environment.name, model.name)
        packages = sagemaker.CfnModelPackageGroup(
            self, "Packages", model_package_group_name=group, model_package_group_description=model.description
        )
        keep = environment.retention.data == "retain"
        packages.apply_removal_policy(RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY)
        code = CodeArchive(self, "Code", root=ROOT, package=model.training.package)
        candidates = environment.training.candidates
        instance_types = [environment.processing.instance_type, *(each.instance_type for each in candidates)]
        self.job_role = JobRole(
            self,
            "JobRole",
            model=model,
            network=network,
            data=foundation.data,
            artifacts=foundation.artifacts,
            key=foundation.key,
            code=code,
            images=[training_image(environment.region, each) for each in instance_types],
        )
        role = WorkflowRole(self, "WorkflowRole")
        settings = JobSettings(model, network, foundation, code, self.job_role, role)
        workflow = TrainingWorkflow(
            self, "Workflow", settings=settings, environment=environment, role=role, group=group
        )
        CfnOutput(self, "StateMachineArn", value=workflow.machine.state_machine_arn)
        CfnOutput(self, "ModelPackageGroupName", value=packages.model_package_group_name)
        CfnOutput(self, "JobRoleArn", value=self.job_role.role_arn)
