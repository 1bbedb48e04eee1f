"""The last part of a release: does the endpoint serve what was meant? Then what no longer serves can go."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.release_context import ReleaseContext
from stacks.constructs.release_request import CAUGHT
from stacks.constructs.task import Task

LOOKS = 3
"""Another release may begin between reading the stack and reading the endpoint: a difference must last."""

NOTHING = {"serving": "{% 'nothing (' & $states.errorOutput.Cause & ')' %}"}

LEFTOVERS = (
    "{% ($keep := $append([$serving], $states.result.ProductionVariants.ModelName);"
    " [$existing[$not($split($, '/')[-1] in $keep)]]) %}"
)


class ReleaseProof(Construct):
    """Begins at `start`, ends the workflow in Released, or in `undone` with `$reason`; `again` reads the stack anew.

    A failed endpoint update can end InService on the *old* configuration and be reported as success; were the old
    one deleted then, the endpoint would lose what it serves. So nothing is pruned before this comparison.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        context: ReleaseContext,
        role: iam.Role,
        undone: sfn.IChainable,
        again: sfn.IChainable,
    ) -> None:
        super().__init__(scope, id_)
        different = sfn.Pass(
            self,
            "Serves another",
            assign={
                "reason": "{% 'the endpoint serves ' & $serving & ', the stack means ' & $configuration %}",
            },
            outputs={},
        )
        different.next(undone)
        same = sfn.Choice(self, "Serves what was meant?")
        same.when(sfn.Condition.jsonata("{% $serving = $configuration %}"), self._prune(context, role))
        same.when(
            sfn.Condition.jsonata(f"{{% $looks < {LOOKS} %}}"), again, assign={"looks": "{% $looks + 1 %}"}
        ).otherwise(different)
        self.start = _serving(self, context, role)
        self.start.next(same)
        self.start.add_catch(same, errors=["States.TaskFailed"], assign=NOTHING, outputs={})

    def _prune(self, context: ReleaseContext, role: iam.Role) -> Task:
        released = sfn.Succeed(
            self, "Released", outputs={"ModelPackageArn": "{% $package %}", "EndpointConfigName": "{% $serving %}"}
        )
        incomplete = sfn.Fail(
            self,
            "Pruning failed",
            error="PruningFailed",
            cause="{% $package & ' is in service, but what it replaced could not be deleted. ' & $reason %}",
        )
        prune = sfn.Map(self, "Prune", items=sfn.ProvideItems.jsonata("{% $leftovers %}"), max_concurrency=1)
        prune.item_processor(_delete(self, context, role))
        prune.add_catch(incomplete, errors=["States.ALL"], assign=CAUGHT, outputs={})
        configuration = _configuration(self, context, role)
        configuration.add_catch(incomplete, errors=["States.TaskFailed"], assign=CAUGHT, outputs={})
        configuration.next(prune).next(released)
        return configuration


def _serving(scope: Construct, context: ReleaseContext, role: iam.Role) -> Task:
    return Task(
        scope,
        "Ask endpoint",
        role=role,
        resource="aws-sdk:sagemaker:describeEndpoint",
        arguments={"EndpointName": context.endpoint_name},
        statements=[
            iam.PolicyStatement(
                actions=["sagemaker:DescribeEndpoint"],
                resources=[context.arn("sagemaker", "endpoint", context.endpoint_name)],
            )
        ],
        assign={"serving": "{% $states.result.EndpointConfigName %}"},
    )


def _configuration(scope: Construct, context: ReleaseContext, role: iam.Role) -> Task:
    return Task(
        scope,
        "Read its configuration",
        role=role,
        resource="aws-sdk:sagemaker:describeEndpointConfig",
        arguments={"EndpointConfigName": "{% $serving %}"},
        statements=[_tagged(context, "DescribeEndpointConfig", "endpoint-config")],
        assign={"leftovers": LEFTOVERS},
    )


def _delete(scope: Construct, context: ReleaseContext, role: iam.Role) -> sfn.Choice:
    gone = sfn.Pass(scope, "Gone already", outputs={})
    kept = sfn.Fail(scope, "Not deleted", error="{% $states.input.Error %}", cause="{% $states.input.Cause %}")
    why = sfn.Choice(scope, "Why not deleted?")
    why.when(sfn.Condition.jsonata("{% $contains($states.input.Cause, 'Could not find') %}"), gone).otherwise(kept)
    model = _delete_task(scope, context, role, "Model", "model")
    configuration = _delete_task(scope, context, role, "EndpointConfig", "endpoint-config")
    for task in (model, configuration):
        task.add_catch(why, errors=["States.TaskFailed"], outputs="{% $states.errorOutput %}")
    return (
        sfn.Choice(scope, "Model or configuration?")
        .when(sfn.Condition.jsonata("{% $contains($states.input, ':model/') %}"), model)
        .otherwise(configuration)
    )


def _delete_task(scope: Construct, context: ReleaseContext, role: iam.Role, noun: str, resource: str) -> Task:
    return Task(
        scope,
        f"Delete {noun}",
        role=role,
        resource=f"aws-sdk:sagemaker:delete{noun}",
        arguments={f"{noun}Name": "{% $split($states.input, '/')[-1] %}"},
        statements=[_tagged(context, f"Delete{noun}", resource)],
    )


def _tagged(context: ReleaseContext, action: str, resource: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=[f"sagemaker:{action}"],
        resources=[context.arn("sagemaker", resource, "*")],
        conditions={"StringEquals": {"aws:ResourceTag/slipway:stack": context.serving_stack_name}},
    )
