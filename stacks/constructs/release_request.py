"""The first half of a release: may this package be released now?"""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.release_context import ReleaseContext
from stacks.constructs.stack_reading import PARAMETER, STATUS, describe_stack
from stacks.constructs.task import Task

PACKAGE = (
    "{% ($input := $states.context.Execution.Input;"
    " $given := $exists($input.detail) ? $input.detail.ModelPackageArn : $input.ModelPackageArn;"
    " $type($given) = 'string' ? $given : '') %}"
)
AUTOMATIC = "{% $exists($states.context.Execution.Input.detail) %}"
"""An event has a detail; a person, or `operations rollback`, gives the package's ARN."""

BUSY = "{% $contains($status, 'IN_PROGRESS') and $status != 'REVIEW_IN_PROGRESS' %}"
BROKEN = (
    "{% $status in ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE'] or $contains($status, 'FAILED')"
    " or $contains($status, 'DELETE') %}"
)
OLDER = (
    "{% $automatic and $contains($released, '/')"
    " and $number($split($package, '/')[-1]) < $number($split($released, '/')[-1]) %}"
)
CAUGHT = {"reason": "{% $states.errorOutput.Error & ': ' & $states.errorOutput.Cause %}"}
NEXT_PAUSE = {"pause": "{% $min([30, $pause + 1]) %}"}


class ReleaseRequest(Construct):
    """Begins at `start`, and ends in `next_`, or without having touched anything.

    `busy` is where to wait while somebody else updates the stack. From there everything is asked anew, because a
    package may be rejected, or overtaken, while its release waits.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        context: ReleaseContext,
        role: iam.Role,
        busy: sfn.Wait,
        next_: sfn.IChainable,
    ) -> None:
        super().__init__(scope, id_)
        read_stack = _read_stack(self, context, role)
        read_stack.next(_releasable(self, context, busy, next_))
        ask = _ask_registry(self, context, role)
        ask.next(_approved(self, read_stack))
        busy.next(ask)
        self.start = sfn.Pass(
            self,
            "Read request",
            assign={"package": PACKAGE, "automatic": AUTOMATIC, "pause": 1, "looks": 0},
            outputs={},
        ).next(_ours(self, context, ask))


def _ours(scope: Construct, context: ReleaseContext, ask: Task) -> sfn.Choice:
    prefix = context.arn("sagemaker", "model-package", f"{context.group}/")
    refused = sfn.Fail(
        scope,
        "Request refused",
        error="RequestRefused",
        cause=f"{{% 'Give {{\"ModelPackageArn\": \"{prefix}VERSION\"}}; received ' & "
        "$string($states.context.Execution.Input) %}",
    )
    ours = f"{{% $substring($package, 0, {len(prefix)}) = '{prefix}' and $split($package, '/')[-1] ~> /^[0-9]+$/ %}}"
    return sfn.Choice(scope, "Is it ours?").when(sfn.Condition.jsonata(ours), ask).otherwise(refused)


def _ask_registry(scope: Construct, context: ReleaseContext, role: iam.Role) -> Task:
    ask = Task(
        scope,
        "Ask registry",
        role=role,
        resource="aws-sdk:sagemaker:describeModelPackage",
        arguments={"ModelPackageName": "{% $package %}"},
        statements=[
            iam.PolicyStatement(actions=["sagemaker:DescribeModelPackage"], resources=[context.packages_arn])
        ],
        assign={"approval": "{% $states.result.ModelApprovalStatus %}"},
    )
    unknown = sfn.Fail(scope, "Not in registry", error="NotInRegistry", cause="{% $reason %}")
    ask.add_catch(unknown, errors=["States.TaskFailed"], assign=CAUGHT, outputs={})
    return ask


def _approved(scope: Construct, next_: sfn.IChainable) -> sfn.Choice:
    ignored = sfn.Succeed(
        scope, "Ignored: not approved", outputs={"Ignored": "{% $package & ' is ' & $approval & ' now' %}"}
    )
    refused = sfn.Fail(
        scope,
        "Not approved",
        error="NotApproved",
        cause="{% $package & ' is ' & $approval & '; only an Approved package is released' %}",
    )
    choice = sfn.Choice(scope, "Approved now?")
    choice.when(sfn.Condition.jsonata("{% $approval = 'Approved' %}"), next_)
    choice.when(sfn.Condition.jsonata("{% $automatic %}"), ignored)
    return choice.otherwise(refused)


def _read_stack(scope: Construct, context: ReleaseContext, role: iam.Role) -> Task:
    read = describe_stack(
        scope, "Read stack", context=context, role=role, assign={"status": STATUS, "released": PARAMETER}
    )
    missing = sfn.Fail(
        scope,
        "No serving stack",
        error="NoServingStack",
        cause=f"{{% 'The stack {context.serving_stack_name} cannot be read; deploy it first. ' & $reason %}}",
    )
    read.add_catch(missing, errors=["States.TaskFailed"], assign=CAUGHT, outputs={})
    return read


def _releasable(scope: Construct, context: ReleaseContext, busy: sfn.Wait, next_: sfn.IChainable) -> sfn.Choice:
    broken = sfn.Fail(
        scope,
        "Stack needs a person",
        error="StackNotUpdatable",
        cause=f"{{% 'The stack {context.serving_stack_name} is ' & $status &"
        " '; bring it to a complete state, then release again' %}",
    )
    older = sfn.Succeed(
        scope, "Ignored: older", outputs={"Ignored": "{% $package & ' is older than ' & $released %}"}
    )
    choice = sfn.Choice(scope, "Can it be released?")
    choice.when(sfn.Condition.jsonata(BROKEN), broken)
    choice.when(sfn.Condition.jsonata(BUSY), busy, assign=NEXT_PAUSE)
    return choice.when(sfn.Condition.jsonata(OLDER), older).otherwise(next_)
