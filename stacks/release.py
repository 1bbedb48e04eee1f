"""Release of one model: what may change its serving stack, and what its endpoint runs as."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from specs import EnvironmentSpec, ModelSpec
from stacks.constructs.alarms import WorkflowAlarms
from stacks.constructs.approval_rule import ApprovalRule
from stacks.constructs.endpoint_role import EndpointRole
from stacks.constructs.release_context import ReleaseContext
from stacks.constructs.release_role import ReleaseRole
from stacks.constructs.release_workflow import ReleaseWorkflow
from stacks.foundation import FoundationStack
from stacks.network import NetworkStack


class ReleaseStack(Stack):
    """Knows the serving stack by its name only. Holds `endpoint_role`, which the serving stack imports.

    Where versions are pinned in the environment's file, a deployment releases: there is no workflow.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: ModelSpec,
        environment: EnvironmentSpec,
        network: NetworkStack,
        foundation: FoundationStack,
    ) -> None:
        super().__init__(scope, id_, env=Environment(account=environment.account, region=environment.region))
        self.endpoint_role: iam.Role = EndpointRole(
            self,
            "EndpointRole",
            model=model,
            environment=environment,
            network=network,
            artifacts=foundation.artifacts,
            key=foundation.key,
        )
        self.export_value(self.endpoint_role.role_arn)
        if environment.release.source == "pin":
            return
        context = ReleaseContext(
            stack=self,
            model=model,
            environment=environment,
            foundation=foundation,
            endpoint_role=self.endpoint_role,
        )
        release_role = ReleaseRole(self, "ReleaseRole", context=context)
        workflow = ReleaseWorkflow(self, "Workflow", context=context, release_role=release_role)
        WorkflowAlarms(self, "WorkflowAlarms", machine=workflow.machine, topic=foundation.alarms)
        ApprovalRule(self, "Approved", context=context, machine=workflow.machine)
        CfnOutput(self, "StateMachineArn", value=workflow.machine.state_machine_arn)
