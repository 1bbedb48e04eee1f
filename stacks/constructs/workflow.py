"""A Step Functions workflow in JSONata, logged and traced, with a role that only this account's workflows assume."""

from __future__ import annotations

from typing import cast

from aws_cdk import CfnResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.trust import service_of_this_account


class WorkflowRole(iam.Role):
    """Made before the states, which attach to it what they need."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_, assumed_by=service_of_this_account(scope, "states.amazonaws.com"))


class Workflow(sfn.StateMachine):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        role: WorkflowRole,
        start: sfn.IChainable,
        timeout: Duration,
        log_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        log_group = logs.LogGroup(scope, f"{id_}Logs", removal_policy=removal_policy)
        cast(logs.CfnLogGroup, log_group.node.default_child).retention_in_days = log_days
        super().__init__(
            scope,
            id_,
            role=role,
            query_language=sfn.QueryLanguage.JSONATA,
            definition_body=sfn.DefinitionBody.from_chainable(start),
            timeout=timeout,
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ALL, include_execution_data=True),
        )
        _depend_on_policy_only(self, role)
        acknowledge(
            role,
            "Step Functions delivers logs and traces by actions that cannot be limited to a resource "
            '(AWS Step Functions, "Logging using CloudWatch Logs")',
            "IAM5[Resource::*]",
        )


def _depend_on_policy_only(machine: sfn.StateMachine, role: iam.Role) -> None:
    """The L2 also declares a dependency on the role, which the template refers to anyway (cfn-lint W3005)."""
    policy = cast(CfnResource, role.node.find_child("DefaultPolicy").node.default_child)
    resource = cast(CfnResource, machine.node.default_child)
    resource.add_override("DependsOn", [Stack.of(machine).resolve(policy.logical_id)])
