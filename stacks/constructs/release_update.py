"""The second half of a release: update the serving stack, and see how that ended."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.release_context import ReleaseContext
from stacks.constructs.release_request import CAUGHT, NEXT_PAUSE
from stacks.constructs.stack_reading import CONFIGURATION, PARAMETER, PARAMETER_KEY, STATUS, describe_stack
from stacks.constructs.task import Task

NO_UPDATES = "{% $contains($reason, 'No updates are to be performed') %}"
STACK_BUSY = "{% $contains($reason, 'IN_PROGRESS') %}"

SETTLING = "{% $contains($status, 'IN_PROGRESS') %}"
MEANT = "{% $released = $package and $not($contains($status, 'FAILED')) %}"
UNDONE = "{% $contains($status, 'ROLLBACK') or $contains($status, 'FAILED') %}"

FIRST_FAILURE = (
    "{% ($failed := $states.result.StackEvents[$contains(ResourceStatus, '_FAILED')"
    " and $exists(ResourceStatusReason) and $not($contains(ResourceStatusReason, 'cancelled'))"
    " and $toMillis(Timestamp) >= $started];"
    " $first := $failed[-1];"
    " $exists($first) ? $first.LogicalResourceId & ': ' & $first.ResourceStatusReason"
    " : 'the stack is ' & $status) %}"
)
"""Events come newest first; the oldest failure since the update began is the cause of all others."""


class ReleaseUpdate(Construct):
    """Begins at `start`; ends in `updated` once the stack says that it serves the package, or in `undone`, which
    reads `$reason`. `again` looks at the stack once more.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        context: ReleaseContext,
        role: iam.Role,
        release_role: iam.Role,
        busy: sfn.Wait,
        updated: sfn.IChainable,
        undone: sfn.IChainable,
        again: sfn.Wait,
    ) -> None:
        super().__init__(scope, id_)
        look = describe_stack(
            self,
            "Look at stack",
            context=context,
            role=role,
            assign={"status": STATUS, "released": PARAMETER, "configuration": CONFIGURATION, **NEXT_PAUSE},
        )
        overtaken = sfn.Succeed(
            self, "Overtaken", outputs={"Overtaken": "{% $package & ' was followed by ' & $released %}"}
        )
        explain = _explain(self, context, role)
        explain.next(undone)
        explain.add_catch(undone, errors=["States.ALL"], assign={"reason": "{% 'the stack is ' & $status %}"})
        settled = sfn.Choice(self, "Settled?")
        settled.when(sfn.Condition.jsonata(SETTLING), again)
        settled.when(sfn.Condition.jsonata(MEANT), updated)
        settled.when(sfn.Condition.jsonata(UNDONE), explain).otherwise(overtaken)
        again.next(look).next(settled)

        refused = sfn.Choice(self, "Why refused?")
        refused.when(sfn.Condition.jsonata(NO_UPDATES), look)
        refused.when(sfn.Condition.jsonata(STACK_BUSY), busy, assign=NEXT_PAUSE).otherwise(undone)
        update = _update(self, context, role, release_role)
        update.add_catch(refused, errors=["States.TaskFailed"], assign=CAUGHT, outputs={})
        update.next(again)
        self.start = list_existing(self, context, role)
        self.start.next(update)


def list_existing(scope: Construct, context: ReleaseContext, role: iam.Role) -> Task:
    """What carries the stack's tag *before* the update: only that may be pruned after it.

    By the tag, not by ListModels, because CloudFormation's names do not tell whose a model is. It stands inside the
    retry loop: listed earlier, or after the update, it could hold what another release has just made.
    """
    return Task(
        scope,
        "List what exists",
        role=role,
        resource="aws-sdk:resourcegroupstaggingapi:getResources",
        arguments={
            "TagFilters": [{"Key": "slipway:stack", "Values": [context.serving_stack_name]}],
            "ResourceTypeFilters": ["sagemaker:model", "sagemaker:endpoint-config"],
        },
        statements=[iam.PolicyStatement(actions=["tag:GetResources"], resources=["*"])],
        assign={
            # The ARN is the only text in a mapping; so its spelling (ResourceARN, ResourceArn) does not matter.
            "existing": "{% [$states.result.ResourceTagMappingList.*[$type($) = 'string']] %}",
            "started": "{% $millis() %}",
        },
    )


def _update(scope: Construct, context: ReleaseContext, role: iam.Role, release_role: iam.Role) -> Task:
    """Without RoleARN the update would run under the role of the last deployment, which may do everything."""
    return Task(
        scope,
        "Update stack",
        role=role,
        resource="aws-sdk:cloudformation:updateStack",
        arguments={
            "StackName": context.serving_stack_name,
            "UsePreviousTemplate": True,
            "RoleARN": release_role.role_arn,
            "Parameters": [{"ParameterKey": PARAMETER_KEY, "ParameterValue": "{% $package %}"}],
        },
        statements=[
            iam.PolicyStatement(
                actions=["cloudformation:UpdateStack"],
                resources=[context.serving_stack_arn],
                conditions={"StringEquals": {"cloudformation:RoleArn": release_role.role_arn}},
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[release_role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
            ),
        ],
        assign={"pause": 1},
    )


def _explain(scope: Construct, context: ReleaseContext, role: iam.Role) -> Task:
    return Task(
        scope,
        "Find the reason",
        role=role,
        resource="aws-sdk:cloudformation:describeStackEvents",
        arguments={"StackName": context.serving_stack_name},
        statements=[
            iam.PolicyStatement(
                actions=["cloudformation:DescribeStackEvents"], resources=[context.serving_stack_arn]
            )
        ],
        assign={"reason": FIRST_FAILURE},
    )
