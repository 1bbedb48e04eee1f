"""A Step Functions workflow in JSONata, logged and traced, with a role that only this account's workflows assume."""

from __future__ import annotations

from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.security.acknowledge import acknowledge
from stacks.constructs.security.policy_order import after_policy
from stacks.constructs.security.trust import service_of_this_account
from stacks.constructs.workflows.task import Task

# A job that fails leaves its description as the cause: its ExitMessage is the sentence of our code.
REASON = (
    "($cause := $states.errorOutput.Cause; $job := $substring($cause, 0, 1) = '{' ? $parse($cause) : {}; "
    "$exists($job.ExitMessage) ? $job.ExitMessage : $exists($job.FailureReason) ? $job.FailureReason : $cause)"
)


class WorkflowRole(iam.Role):
    """Made before the states, which attach to it what they need."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_, assumed_by=service_of_this_account(scope, "states.amazonaws.com"))


class Workflow(sfn.StateMachine):
    """A Standard workflow; its log holds the executions' data."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        role: WorkflowRole,
        start: sfn.IChainable,
        timeout: Duration,
        log_days: int,
    ) -> None:
        log_group = logs.LogGroup(scope, f"{id_}Logs", removal_policy=RemovalPolicy.DESTROY)
        # The L2 takes an enumeration only; the spec has CloudWatch's own numbers.
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
        after_policy(self.node.default_child, role)
        acknowledge(
            role,
            "Log delivery, traces and the workflow's list and tag queries cannot be limited to a resource "
            '(AWS Step Functions, "Logging using CloudWatch Logs")',
            "IAM5[Resource::*]",
        )


def jsonata(expression: str) -> str:
    """A JSONata expression as a state's field holds it."""
    return "{% " + expression + " %}"


def fail(scope: Construct, id_: str, *, error: str, cause: str) -> sfn.Fail:
    """End the execution as a failure; `cause` is a JSONata expression."""
    return sfn.Fail(scope, id_, error=error, cause=jsonata(cause))


def or_fail(task: Task, id_: str, *, error: str) -> None:
    """End the execution if a task fails, with the sentence of the job that it ran."""
    failed = fail(cast(Construct, task.node.scope), id_, error=error, cause="$reason")
    task.add_catch(failed, errors=["States.ALL"], assign={"reason": jsonata(REASON)})
