"""A Step Functions workflow in JSONata, logged and traced, and its role."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import names
from stacks.constructs.logs.log_group import LogGroup
from stacks.constructs.security.acknowledge import acknowledge
from stacks.constructs.security.policy_order import after_policy
from stacks.constructs.security.trust import service_of_this_account
from stacks.constructs.workflows.step import Step, chain


class WorkflowRole(iam.Role):
    """Create it before the states: they attach their statements to it."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_, assumed_by=service_of_this_account(scope, "states.amazonaws.com"))


class Workflow(sfn.StateMachine):
    """A Standard workflow of steps in running order; its log holds the executions' data."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        role: WorkflowRole,
        steps: Sequence[Step],
        timeout: Duration,
        log_days: int,
    ) -> None:
        chain(steps)
        log_group = LogGroup(scope, f"{id_}Logs", days=log_days, name=names.workflow_logs(Stack.of(scope).stack_name))
        super().__init__(
            scope,
            id_,
            role=role,
            query_language=sfn.QueryLanguage.JSONATA,
            definition_body=sfn.DefinitionBody.from_chainable(steps[0].start),
            timeout=timeout,
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ALL, include_execution_data=True),
        )
        after_policy(self.node.default_child, role)
        acknowledge(
            role,
            "Log delivery, traces and the workflow's list and tag queries cannot be limited to a resource "
            '(AWS Step Functions, "Logging using CloudWatch Logs")',
            "IAM5[Resource::*]",
        )
