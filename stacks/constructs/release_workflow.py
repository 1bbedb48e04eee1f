"""The release workflow: ask, update the serving stack, prove what serves, prune; or undo and say why."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.release_context import ReleaseContext
from stacks.constructs.release_proof import ReleaseProof
from stacks.constructs.release_request import ReleaseRequest
from stacks.constructs.release_update import ReleaseUpdate
from stacks.constructs.task import Task
from stacks.constructs.workflow import Workflow, WorkflowRole

TIMEOUT = Duration.hours(12)
"""More than the eight hours that a guarded endpoint update may take (Amazon SageMaker, "Deployment guardrails")."""

DESCRIPTION = "{% $substring($replace('Release failed: ' & $reason, /[\\s]+/, ' '), 0, 1000) %}"


class ReleaseWorkflow(Construct):
    """Can be started twice, at once, late, and after a failure. Holds `machine`."""

    def __init__(self, scope: Construct, id_: str, *, context: ReleaseContext, release_role: iam.Role) -> None:
        super().__init__(scope, id_)
        role = WorkflowRole(self, "Role")
        busy = sfn.Wait(self, "Stack is busy", time=sfn.WaitTime.seconds("{% $pause %}"))
        again = sfn.Wait(self, "Stack settles", time=sfn.WaitTime.seconds("{% $pause %}"))
        reject = _reject(self, context, role)
        proof = ReleaseProof(self, "Proof", context=context, role=role, undone=reject, again=again)
        update = ReleaseUpdate(
            self,
            "Update",
            context=context,
            role=role,
            release_role=release_role,
            busy=busy,
            updated=proof.start,
            undone=reject,
            again=again,
        )
        request = ReleaseRequest(self, "Request", context=context, role=role, busy=busy, next_=update.start)
        destroys = context.environment.retention.data == "destroy"
        self.machine = Workflow(
            self,
            "Machine",
            role=role,
            start=request.start,
            timeout=TIMEOUT,
            log_days=context.environment.retention.log_days,
            removal_policy=RemovalPolicy.DESTROY if destroys else RemovalPolicy.RETAIN,
        )
        _acknowledge(role, context)


def _reject(scope: Construct, context: ReleaseContext, role: iam.Role) -> Task:
    """The registry tells the truth: what could not be released is no longer Approved, and says why."""
    failed = sfn.Fail(scope, "Release failed", error="ReleaseFailed", cause="{% $package & ': ' & $reason %}")
    reject = Task(
        scope,
        "Reject package",
        role=role,
        resource="aws-sdk:sagemaker:updateModelPackage",
        arguments={
            "ModelPackageArn": "{% $package %}",
            "ModelApprovalStatus": "Rejected",
            "ApprovalDescription": DESCRIPTION,
        },
        statements=[
            iam.PolicyStatement(actions=["sagemaker:UpdateModelPackage"], resources=[context.packages_arn])
        ],
    )
    unrecorded = {"reason": "{% $reason & ' (and it could not be rejected: ' & $states.errorOutput.Cause & ')' %}"}
    reject.add_catch(failed, errors=["States.TaskFailed"], assign=unrecorded, outputs={})
    reject.next(failed)
    return reject


def _acknowledge(role: iam.Role, context: ReleaseContext) -> None:
    acknowledge(
        role, "A version's number is given when it is registered", f"IAM5[Resource::{context.packages_arn}]"
    )
    acknowledge(
        role,
        "A stack's ARN ends with an id that changes when it is made anew; its name is exact",
        f"IAM5[Resource::{context.serving_stack_arn}]",
    )
    acknowledge(
        role,
        "CloudFormation names what a release makes; the condition allows only what carries the serving stack's tag",
        f"IAM5[Resource::{context.arn('sagemaker', 'model', '*')}]",
        f"IAM5[Resource::{context.arn('sagemaker', 'endpoint-config', '*')}]",
    )
