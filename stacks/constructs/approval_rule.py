"""An approval in the registry starts the release."""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.release_context import ReleaseContext
from stacks.constructs.trust import service_of_this_account


class ApprovalRule(events.Rule):
    """Events arrive at least once, and late: the workflow asks the registry again."""

    def __init__(self, scope: Construct, id_: str, *, context: ReleaseContext, machine: sfn.StateMachine) -> None:
        super().__init__(
            scope,
            id_,
            description=f"Releases approved packages of {context.group}",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Model Package State Change"],
                detail={"ModelPackageGroupName": [context.group], "ModelApprovalStatus": ["Approved"]},
            ),
        )
        role = iam.Role(self, "Role", assumed_by=service_of_this_account(self, "events.amazonaws.com"))
        self.add_target(targets.SfnStateMachine(machine, role=role))
