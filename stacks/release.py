"""The release stack of one model: who may release, who serves, and the workflow that does it."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from specs import hints, names
from stacks.constructs.events.careful_target import CarefulTarget
from stacks.constructs.events.workflow_notice import WorkflowNotice
from stacks.constructs.logs.log_group import LogGroup
from stacks.constructs.release.release_role import ReleaseRole
from stacks.constructs.release.release_settings import ReleaseSettings
from stacks.constructs.release.release_workflow import ReleaseWorkflow
from stacks.constructs.security.trust import service_of_this_account
from stacks.constructs.serving.endpoint_role import EndpointRole
from stacks.constructs.shared.removal import removal_policy
from stacks.constructs.workflows.workflow import WorkflowRole
from stacks.model_settings import ModelSettings


class ReleaseStack(Stack):
    """Knows the serving stack by its name only. An environment that releases by pin has no workflow here."""

    def __init__(self, scope: Construct, id_: str, *, settings: ModelSettings) -> None:
        super().__init__(scope, id_, env=settings.env)
        self._endpoint = settings.resolved.endpoint
        self.endpoint_role = EndpointRole(self, "EndpointRole", settings=settings)
        self.export_value(self.endpoint_role.role_arn)
        retention = settings.environment.retention
        # Here no release can delete it, and it is there before the endpoint: that would make one without an end.
        endpoint_logs = LogGroup(
            self,
            "EndpointLogs",
            days=retention.log_days,
            name=names.endpoint_logs(self._endpoint),
            removal_policy=removal_policy(retention),
        )
        # A destroy deletes the role first: the last lines of an endpoint would make the group again.
        self.endpoint_role.node.add_dependency(endpoint_logs)
        if settings.environment.release.source == "registry":
            self._release_from_registry(settings)

    def _release_from_registry(self, settings: ModelSettings) -> None:
        workflow = ReleaseWorkflow(
            self,
            "Workflow",
            settings=ReleaseSettings(
                resolved=settings.resolved,
                role=WorkflowRole(self, "WorkflowRole"),
                release_role=ReleaseRole(self, "ReleaseRole", settings=settings, endpoint_role=self.endpoint_role),
                foundation=settings.foundation,
            ),
            log_days=settings.environment.retention.log_days,
        )
        start = targets.SfnStateMachine(workflow.machine, role=self._starter(workflow))
        events.Rule(
            self,
            "Approved",
            description=f"A version of {self._endpoint} is approved",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Model Package State Change"],
                detail={"ModelPackageGroupName": [self._endpoint], "ModelApprovalStatus": ["Approved"]},
            ),
            targets=[CarefulTarget(start, settings.foundation.undelivered)],
        )
        self._tell(settings, workflow)
        CfnOutput(self, "StateMachineArn", value=workflow.machine.state_machine_arn)

    def _starter(self, workflow: ReleaseWorkflow) -> iam.Role:
        role = iam.Role(self, "StarterRole", assumed_by=service_of_this_account(self, "events.amazonaws.com"))
        workflow.machine.grant_start_execution(role)
        return role

    def _tell(self, settings: ModelSettings, workflow: ReleaseWorkflow) -> None:
        """Tell of releases that do not succeed."""
        resolved = settings.resolved
        WorkflowNotice(
            self,
            "Failed",
            foundation=settings.foundation,
            machine=workflow.machine,
            subject=f"A release of {resolved.model.name} in {resolved.environment.name}",
            next_steps=f"The log: {hints.logs(*resolved.place, 'release')}, "
            f"or the container's: {hints.logs(*resolved.place, 'endpoint')}. "
            f"The reason, what serves, and the next command: {hints.status(*resolved.place)}.",
        )
