"""The release workflow: update the serving stack, compare, prune (docs/decisions/0004)."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import names
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.statements import allow, arn, pass_role
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import Workflow, WorkflowRole, fail, jsonata

INPUT = "$states.context.Execution.Input"
STACK = "$states.result.Stacks[0]"
# A failed update leaves the sentence of the service, in which only these words tell the harmless cases apart.
NOTHING_TO_DO = "$contains($problem, 'No updates are to be performed')"
BUSY = "$contains($problem, 'IN_PROGRESS')"
# No update can begin from here, whichever package is meant: a person must bring the stack to a complete state.
BROKEN = "$status in ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE'] or $contains($status, 'FAILED')"
# Another release may begin between reading the stack and reading the endpoint: a difference must last.
LOOKS = 3
# Waits grow by a second: a release takes seconds in a sandbox and hours behind a canary, and a history is finite.
LONGER = {"pause": "{% $min([30, $pause + 1]) %}"}
# Events come newest first; the oldest failure since the update began is the cause of the others.
FIRST_FAILURE = (
    "($failed := $states.result.StackEvents[$contains(ResourceStatus, '_FAILED')"
    " and $exists(ResourceStatusReason) and $not($contains(ResourceStatusReason, 'cancelled'))"
    " and $toMillis(Timestamp) >= $started];"
    " $first := $failed[-1];"
    " $problem & ($exists($first) ? ': ' & $first.LogicalResourceId & ': ' & $first.ResourceStatusReason : ''))"
)
# An event may come late or twice; only what is newer than what serves is news. A rollback is never an event.
OLDER = "$automatic and $serving != '' and $number($split($package, '/')[-1]) < $number($split($serving, '/')[-1])"


class ReleaseWorkflow(Construct):
    """Started by the approval event, or with ``{"ModelPackageArn": ...}`` by a person, which skips only the age check.

    It can run again, twice at once, and after a failure: a busy stack is waited for, and a stack that serves the
    package already is success.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        role: WorkflowRole,
        release_role: iam.IRole,
        serving_stack: str,
        endpoint: str,
        log_days: int,
    ) -> None:
        super().__init__(scope, id_)
        self._role, self._release_role = role, release_role
        self._stack, self._endpoint = serving_stack, endpoint
        self._refused = self._refuse()
        self._busy = self._wait("Wait for the stack")
        self._settling = self._wait("Wait for the update")
        released = sfn.Succeed(self, "Released")
        compare = self._compare(self._prune(released))
        poll_stack = self._poll_until_settled(compare)
        begin = self._begin(self._update(poll_stack))
        self.machine = Workflow(self, "Machine", role=role, start=begin, timeout=Duration.hours(12), log_days=log_days)
        self._say_why()

    def _say_why(self) -> None:
        acknowledge_wildcards(self._role, "The registry gives the version numbers", self._packages())
        acknowledge_wildcards(self._role, "A stack's ARN ends with a random id", self._stack_arn())
        acknowledge_wildcards(
            self._role,
            "CloudFormation makes these names up; only what bears this stack's tag can be deleted",
            *(arn(self, "sagemaker", f"{kind}/*") for kind in ("model", "endpoint-config")),
        )

    # --- what is meant ----------------------------------------------------------------------------------------------

    def _begin(self, then: sfn.IChainable) -> sfn.IChainable:
        given = f"$exists({INPUT}.detail) ? {INPUT}.detail.ModelPackageArn : {INPUT}.ModelPackageArn"
        missing = f"$not($exists({INPUT}.detail.ModelPackageArn) or $exists({INPUT}.ModelPackageArn))"
        intent = sfn.Pass(
            self,
            "Intent",
            assign={
                "package": jsonata(given),
                "automatic": jsonata(f"$exists({INPUT}.detail)"),
                "problem": "",
                "pause": 1,
                "looks": 0,
            },
        )
        asked = self._task(
            "Ask the registry",
            "aws-sdk:sagemaker:describeModelPackage",
            {"ModelPackageName": jsonata("$package")},
            [allow(["sagemaker:DescribeModelPackage"], [self._packages()])],
            {"approval": jsonata("$states.result.ModelApprovalStatus")},
        )
        approved = sfn.Choice(self, "Approved now?")
        approved.when(_when("$approval = 'Approved'"), then)
        approved.when(_when("$automatic"), sfn.Succeed(self, "Ignored: not approved now"))
        approved.otherwise(
            fail(self, "Not approved", error="NotApproved", cause="$package & ' is ' & $approval & ', not Approved'")
        )
        intent.next(asked).next(approved)
        # Asked anew after each wait: a package may be rejected while its release waits for the stack.
        self._busy.next(asked)
        bad = fail(
            self,
            "Nothing to release",
            error="InvalidInput",
            cause='\'the input names no ModelPackageArn: start it with {"ModelPackageArn": "arn:..."}\'',
        )
        return sfn.Choice(self, "What is meant?").when(_when(missing), bad).otherwise(intent)

    # --- the update -------------------------------------------------------------------------------------------------

    def _update(self, settled: sfn.IChainable) -> sfn.IChainable:
        parameter = f"{STACK}.Parameters[ParameterKey='ReleasedModelPackage'].ParameterValue"
        before = self._describe_stack(
            "What serves now?",
            {"serving": jsonata(_or_empty(parameter)), "status": jsonata(f"{STACK}.StackStatus")},
        )
        unread = fail(
            self,
            "No serving stack",
            error="NoServingStack",
            cause=f"'the stack {self._stack} cannot be read; deploy it first: ' & $problem",
        )
        self._on_error(before, unread)
        broken = fail(
            self,
            "Stack needs a person",
            error="StackNotUpdatable",
            cause=f"'the stack {self._stack} is ' & $status & '; bring it to a complete state, then release again'",
        )
        older = sfn.Choice(self, "Can it be released?")
        existing = self._task(
            "What exists?",
            "aws-sdk:resourcegroupstaggingapi:getResources",
            {
                "TagFilters": [{"Key": names.STACK_TAG, "Values": [self._stack]}],
                "ResourceTypeFilters": ["sagemaker:model", "sagemaker:endpoint-config"],
            },
            [allow(["tag:GetResources"], ["*"])],
            {
                "existing": jsonata("[$states.result.ResourceTagMappingList.ResourceARN]"),
                "started": jsonata("$millis()"),
            },
        )
        update = self._task(
            "Update the stack",
            "aws-sdk:cloudformation:updateStack",
            {
                "StackName": self._stack,
                "UsePreviousTemplate": True,
                "RoleARN": self._release_role.role_arn,
                "Parameters": [{"ParameterKey": "ReleasedModelPackage", "ParameterValue": jsonata("$package")}],
            },
            [
                allow(
                    ["cloudformation:UpdateStack"],
                    [self._stack_arn()],
                    {"StringEquals": {"cloudformation:RoleArn": self._release_role.role_arn}},
                ),
                pass_role(self._release_role, "cloudformation.amazonaws.com"),
            ],
            {"pause": 1},
        )
        why = sfn.Choice(self, "Why not?")
        why.when(_when(NOTHING_TO_DO), settled)
        why.when(_when(BUSY), self._busy, assign=LONGER)
        why.otherwise(self._refused)
        self._on_error(update, why)
        older.when(_when(BROKEN), broken)
        older.when(_when("$contains($status, 'IN_PROGRESS')"), self._busy, assign=LONGER)
        older.when(_when(OLDER), sfn.Succeed(self, "Ignored: older than what serves")).otherwise(existing)
        before.next(older)
        existing.next(update)
        update.next(settled)
        return before

    def _poll_until_settled(self, then: sfn.IChainable) -> sfn.IChainable:
        wait = self._settling
        # Outputs under the condition do not exist in early polls.
        look = self._describe_stack(
            "How is the update?",
            {
                "status": jsonata(f"{STACK}.StackStatus"),
                "released": jsonata(_or_empty(f"{STACK}.Outputs[OutputKey='ReleasedModelPackage'].OutputValue")),
                "meant": jsonata(_or_empty(f"{STACK}.Outputs[OutputKey='EndpointConfigName'].OutputValue")),
                "problem": jsonata(f"'the serving stack ended ' & {STACK}.StackStatus"),
                **LONGER,
            },
        )
        rolled_back = self._task(
            "Why was it rolled back?",
            "aws-sdk:cloudformation:describeStackEvents",
            {"StackName": self._stack},
            [allow(["cloudformation:DescribeStackEvents"], [self._stack_arn()])],
            {"problem": jsonata(FIRST_FAILURE)},
        )
        # The status alone is a reason too.
        rolled_back.add_catch(self._refused, errors=["States.ALL"])
        rolled_back.next(self._refused)
        settled = sfn.Choice(self, "Settled?")
        settled.when(_when("$contains($status, 'IN_PROGRESS')"), wait)
        settled.when(_when("$released = $package and $not($contains($status, 'FAILED'))"), then)
        settled.when(_when("$contains($status, 'ROLLBACK') or $contains($status, 'FAILED')"), rolled_back)
        settled.otherwise(sfn.Succeed(self, "Overtaken by another release"))
        wait.next(look)
        look.next(settled)
        return wait

    # --- afterwards -------------------------------------------------------------------------------------------------

    def _compare(self, then: sfn.IChainable) -> sfn.IChainable:
        serves = self._task(
            "What does the endpoint serve?",
            "aws-sdk:sagemaker:describeEndpoint",
            {"EndpointName": self._endpoint},
            [allow(["sagemaker:DescribeEndpoint"], [arn(self, "sagemaker", f"endpoint/{self._endpoint}")])],
            {"config": jsonata("$states.result.EndpointConfigName")},
        )
        other = sfn.Pass(
            self,
            "Serves another",
            assign={"problem": jsonata("'the endpoint serves ' & $config & ', but the stack means ' & $meant")},
        )
        other.next(self._refused)
        same = sfn.Choice(self, "As meant?")
        same.when(_when("$config = $meant"), then)
        same.when(_when(f"$looks < {LOOKS}"), self._settling, assign={"looks": jsonata("$looks + 1")})
        same.otherwise(other)
        serves.next(same)
        return serves

    def _prune(self, then: sfn.IChainable) -> sfn.IChainable:
        keep = "$append([$config], [$states.result.ProductionVariants.ModelName])"
        # SageMaker's ARNs are in lower case, whatever the name: a second release of one event lists what serves, too.
        gone = f"($keep := {keep}.$lowercase($); [$existing[$not($lowercase($split($, '/')[-1]) in $keep)]])"
        models = self._task(
            "Which models are in service?",
            "aws-sdk:sagemaker:describeEndpointConfig",
            {"EndpointConfigName": jsonata("$config")},
            [allow(["sagemaker:DescribeEndpointConfig"], [arn(self, "sagemaker", "endpoint-config/*")])],
            {"replaced": jsonata(gone)},
        )
        prune = sfn.Map(self, "Prune", items=sfn.ProvideItems.jsonata(jsonata("$replaced")), max_concurrency=1)
        already = self._not_deleted()
        left = fail(
            self,
            "Pruning failed",
            error="PruningFailed",
            cause="$package & ' is in service, but what it replaced could not be deleted: ' & $problem",
        )
        prune.add_catch(left, errors=["States.ALL"], assign={"problem": jsonata("$states.errorOutput.Cause")})
        which = sfn.Choice(self, "Model or configuration?")
        which.when(_when("$contains($states.input, ':model/')"), self._delete("Model", already))
        which.otherwise(self._delete("EndpointConfig", already))
        prune.item_processor(which)
        models.next(prune)
        prune.next(then)
        return models

    def _delete(self, kind: str, otherwise: sfn.IChainable) -> Task:
        resource = {"Model": "model", "EndpointConfig": "endpoint-config"}[kind]
        task = self._task(
            f"Delete the {resource.replace('-', ' ')}",
            f"aws-sdk:sagemaker:delete{kind}",
            {f"{kind}Name": jsonata("$split($states.input, '/')[-1]")},
            [
                allow(
                    [f"sagemaker:Delete{kind}"],
                    [arn(self, "sagemaker", f"{resource}/*")],
                    {"StringEquals": {f"aws:ResourceTag/{names.STACK_TAG}": self._stack}},
                )
            ],
        )
        task.add_catch(otherwise, errors=["States.TaskFailed"])
        return task

    def _not_deleted(self) -> sfn.Choice:
        """What is gone already, by another release, is no trouble; a caught error is the next state's input."""
        kept = sfn.Fail(
            self,
            "Not deleted",
            error=jsonata("$states.input.Error"),
            cause=jsonata("$states.input.Cause"),
        )
        gone = _when("$contains($states.input.Cause, 'Could not find')")
        return sfn.Choice(self, "Gone already?").when(gone, sfn.Pass(self, "Gone already")).otherwise(kept)

    def _wait(self, id_: str) -> sfn.Wait:
        return sfn.Wait(self, id_, time=sfn.WaitTime.seconds(jsonata("$pause")))

    def _refuse(self) -> Task:
        """Set the package to Rejected, so that the registry tells the truth, then fail."""
        failed = fail(self, "Release failed", error="ReleaseFailed", cause="$problem")
        reject = self._task(
            "Reject the package",
            "aws-sdk:sagemaker:updateModelPackage",
            {
                "ModelPackageArn": jsonata("$package"),
                "ModelApprovalStatus": "Rejected",
                "ApprovalDescription": jsonata(
                    # On one line: SageMaker refuses a description with a line break.
                    "$substring($replace('release failed: ' & $problem, /[\\s]+/, ' '), 0, 1024)"
                ),
            },
            [allow(["sagemaker:UpdateModelPackage"], [self._packages()])],
        )
        reject.add_catch(failed, errors=["States.ALL"])
        reject.next(failed)
        return reject

    # --- shared -----------------------------------------------------------------------------------------------------

    def _task(
        self,
        id_: str,
        resource: str,
        arguments: dict,
        statements: Sequence[iam.PolicyStatement],
        assign: dict | None = None,
    ) -> Task:
        return Task(
            self,
            id_,
            role=self._role,
            resource=resource,
            arguments=arguments,
            statements=statements,
            assign=assign,
        )

    def _describe_stack(self, id_: str, assign: dict) -> Task:
        statements = [allow(["cloudformation:DescribeStacks"], [self._stack_arn()])]
        return self._task(id_, "aws-sdk:cloudformation:describeStacks", {"StackName": self._stack}, statements, assign)

    def _on_error(self, task: Task, handler: sfn.IChainable) -> None:
        task.add_catch(handler, errors=["States.ALL"], assign={"problem": jsonata("$states.errorOutput.Cause")})

    def _stack_arn(self) -> str:
        return arn(self, "cloudformation", f"stack/{self._stack}/*")

    def _packages(self) -> str:
        return arn(self, "sagemaker", f"model-package/{self._endpoint}/*")


def _when(expression: str) -> sfn.Condition:
    return sfn.Condition.jsonata(jsonata(expression))


def _or_empty(path: str) -> str:
    """The value at a path, or the empty text: an undefined value fails a state."""
    return f"$exists({path}) ? {path} : ''"
