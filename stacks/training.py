"""Training of one model: its code, its jobs' role, its package group and its workflow."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import CfnOutput, Environment, RemovalPolicy, Stack
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from specs import EnvironmentSpec, ModelSpec
from stacks.constructs.alarms import WorkflowAlarms
from stacks.constructs.code_archive import CodeArchive
from stacks.constructs.images import Image, training_image
from stacks.constructs.job_role import JobRole
from stacks.constructs.training_context import TrainingContext
from stacks.constructs.training_workflow import TrainingWorkflow
from stacks.constructs.workflow import WorkflowRole
from stacks.foundation import FoundationStack
from stacks.names import model_package_group_name
from stacks.network import NetworkStack


class TrainingStack(Stack):
    """Nothing is trained by deploying it: an execution of the workflow trains."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: ModelSpec,
        environment: EnvironmentSpec,
        network: NetworkStack,
        foundation: FoundationStack,
        source_root: Path,
    ) -> None:
        super().__init__(scope, id_, env=Environment(account=environment.account, region=environment.region))
        code = CodeArchive(self, "Code", root=source_root, package=model.training.package)
        group = sagemaker.CfnModelPackageGroup(
            self,
            "ModelPackageGroup",
            model_package_group_name=model_package_group_name(environment, model),
            model_package_group_description=model.description,
        )
        retained = environment.retention.data == "retain"
        group.apply_removal_policy(RemovalPolicy.RETAIN if retained else RemovalPolicy.DESTROY)
        job_role = JobRole(
            self,
            "JobRole",
            model=model,
            network=network,
            data=foundation.data,
            artifacts=foundation.artifacts,
            key=foundation.key,
            code=code,
            images=_images(environment),
        )
        role = WorkflowRole(self, "WorkflowRole")
        context = TrainingContext(
            model=model,
            environment=environment,
            network=network,
            foundation=foundation,
            code=code,
            job_role=job_role,
            role=role,
            model_package_group=group.model_package_group_name,
        )
        workflow = TrainingWorkflow(self, "Workflow", context=context, role=role)
        WorkflowAlarms(self, "WorkflowAlarms", machine=workflow.machine, topic=foundation.alarms)
        CfnOutput(self, "StateMachineArn", value=workflow.machine.state_machine_arn)
        CfnOutput(self, "ModelPackageGroupName", value=group.model_package_group_name)
        CfnOutput(self, "JobRoleArn", value=job_role.role_arn)


def _images(environment: EnvironmentSpec) -> list[Image]:
    types = [environment.processing.instance_type, *(c.instance_type for c in environment.training.candidates)]
    return [training_image(environment.region, instance_type) for instance_type in types]
