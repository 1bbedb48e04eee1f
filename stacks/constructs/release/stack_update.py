"""The update of the serving stack to the requested version, until CloudFormation has settled it."""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import names
from stacks.constructs.release.rejection import BY_APPROVAL, Rejection, rejecting
from stacks.constructs.release.release_settings import LONGER, PROBLEM, STACK, ReleaseSettings
from stacks.constructs.security.statements import allow, pass_role
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import RESULT, Jsonata, first_of
from stacks.constructs.workflows.states import Fail, Wait, catch
from stacks.constructs.workflows.task import Task

STATUS = Jsonata(f"{STACK}.StackStatus")
IN_PROGRESS = Jsonata("$contains($status, 'IN_PROGRESS')")
# A failed update leaves the sentence of the service, in which only these words tell the harmless cases apart.
NOTHING_TO_DO = Jsonata("$contains($problem, 'No updates are to be performed')")
BUSY = Jsonata("$contains($problem, 'IN_PROGRESS')")
# "(Service: CloudFormation, Status Code: 503, ...)" ends the cause of an error of CloudFormation's own.
THROTTLED = Jsonata(
    "$contains($problem, 'Rate exceeded') or $contains($problem, 'Status Code: 5')"
    " or $states.input.Error = 'CloudFormation.SdkClientException'"
)
# No update can begin from here, whichever package is requested: a person must bring the stack to a complete state.
BROKEN = Jsonata("$status in ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE'] or $contains($status, 'FAILED')")
# An event may come late or twice; only a version newer than the one in service is released. A rollback is no event.
OLDER = Jsonata(
    "$automatic and $serving != '' and $number($split($package, '/')[-1]) < $number($split($serving, '/')[-1])"
)
# A release leaves every other parameter of the stack as it is, whichever there are.
PARAMETERS = Jsonata(
    "$append([{'ParameterKey': 'ReleasedModelPackage', 'ParameterValue': $package}],"
    " [$kept.{'ParameterKey': $, 'UsePreviousValue': true}])"
)
# Events come newest first; the oldest failure since the update began is the cause of the others.
FIRST_FAILURE = Jsonata(
    "($failed := $states.result.StackEvents[$contains(ResourceStatus, '_FAILED')"
    " and $exists(ResourceStatusReason) and $not($contains(ResourceStatusReason, 'cancelled'))"
    " and $toMillis(Timestamp) >= $started];"
    " $first := $failed[-1];"
    " $problem & ($exists($first) ? ': ' & $first.LogicalResourceId & ': ' & $first.ResourceStatusReason : ''))"
)


class StackUpdate(Construct):
    """Leaves when the stack says that it releases `$package`, with `$meant`: the endpoint configuration it names.

    A busy stack leads to `busy`, a failed update to `rejection`. `look_again` waits, and reads the stack anew.
    """

    def __init__(
        self, scope: Construct, id_: str, *, settings: ReleaseSettings, busy: sfn.State, rejection: Rejection
    ) -> None:
        super().__init__(scope, id_)
        self._settings, self._rejection = settings, rejection
        self.look_again = Wait(self, "Wait for the update", seconds=Jsonata("$pause"))
        self.start = self._begin(busy)
        self.exits = [self._settle()]

    def _begin(self, busy: sfn.State) -> Task:
        """The states from the stack's description to its update, or to the reason against it."""
        read, existing, update = self._read(), self._existing(), self._update()
        read.next(
            Choice(
                self,
                "Can it be released?",
                Branch(BROKEN, self._broken()),
                Branch(IN_PROGRESS, busy, assign=LONGER),
                Branch(OLDER, sfn.Succeed(self, "Ignored: older than what serves")),
                Otherwise(existing),
            )
        )
        existing.next(update)
        update.next(self.look_again)
        refused = Choice(
            self,
            "Why not?",
            Branch(NOTHING_TO_DO, self.look_again),
            Branch(BUSY, busy, assign=LONGER),
            Branch(THROTTLED, busy, assign=LONGER),
            Otherwise(self._rejection),
        )
        catch(update, refused, assign=PROBLEM)
        return read

    def _settle(self) -> Branch:
        """The states to the end of the update; the branch is taken after a release."""
        look, released = self._look(), Branch(Jsonata("$released = $package and $not($contains($status, 'FAILED'))"))
        self.look_again.next(look)
        look.next(
            Choice(
                self,
                "Settled?",
                Branch(IN_PROGRESS, self.look_again),
                released,
                Branch(Jsonata("$contains($status, 'ROLLBACK') or $contains($status, 'FAILED')"), self._rolled_back()),
                Otherwise(sfn.Succeed(self, "Overtaken by another release")),
            )
        )
        return released

    def _read(self) -> Task:
        parameter = f"{STACK}.Parameters[ParameterKey='ReleasedModelPackage'].ParameterValue"
        kept = Jsonata(f"[{STACK}.Parameters[ParameterKey != 'ReleasedModelPackage'].ParameterKey]")
        read = self._settings.describe_stack(
            self, "What serves now?", assign={"serving": first_of(parameter, "''"), "status": STATUS, "kept": kept}
        )
        cause = f"'the stack {self._settings.serving_stack} cannot be read; deploy it first: ' & $problem"
        unread = Fail(self, "No serving stack", error="NoServingStack", cause=Jsonata(cause))
        catch(read, unread, assign=PROBLEM)
        return read

    def _broken(self) -> Fail:
        stack = self._settings.serving_stack
        cause = f"'the stack {stack} is ' & $status & '; bring it to a complete state, then release again'"
        return Fail(self, "Stack needs a person", error="StackNotUpdatable", cause=Jsonata(cause))

    def _existing(self) -> Task:
        """List models and endpoint configurations before the update: the replaced ones are pruned later."""
        return Task(
            self,
            "What exists?",
            role=self._settings.role,
            resource="aws-sdk:resourcegroupstaggingapi:getResources",
            arguments={
                "TagFilters": [{"Key": names.STACK_TAG, "Values": [self._settings.serving_stack]}],
                "ResourceTypeFilters": ["sagemaker:model", "sagemaker:endpoint-config"],
            },
            statements=[allow(["tag:GetResources"], ["*"])],
            assign={
                "existing": Jsonata(f"[{RESULT}.ResourceTagMappingList.ResourceARN]"),
                "started": Jsonata("$millis()"),
            },
        )

    def _update(self) -> Task:
        settings = self._settings
        role = settings.release_role
        return Task(
            self,
            "Update the stack",
            role=settings.role,
            resource="aws-sdk:cloudformation:updateStack",
            arguments={
                "StackName": settings.serving_stack,
                "UsePreviousTemplate": True,
                "RoleARN": role.role_arn,
                "Parameters": PARAMETERS,
            },
            statements=[
                allow(
                    ["cloudformation:UpdateStack"],
                    [settings.stack_arn],
                    {"StringEquals": {"cloudformation:RoleArn": role.role_arn}},
                ),
                pass_role(role, "cloudformation.amazonaws.com"),
            ],
            assign={"pause": 1},
            # It is tried again through the registry: another release may have come in between, and would be undone.
            retry=(),
        )

    def _look(self) -> Task:
        def output(key: str) -> Jsonata:
            """Empty in early polls: outputs under the condition do not exist yet."""
            return first_of(f"{STACK}.Outputs[OutputKey='{key}'].OutputValue", "''")

        return self._settings.describe_stack(
            self,
            "How is the update?",
            assign={
                "status": STATUS,
                "released": output("ReleasedModelPackage"),
                "meant": output("EndpointConfigName"),
                "problem": Jsonata(f"'the serving stack ended ' & {STATUS}"),
                **LONGER,
            },
        )

    def _rolled_back(self) -> Choice:
        """Reject the package first, then look for the reason.

        A page of events may have 1 MB (CloudFormation API Reference, "DescribeStackEvents") and cannot be asked to be
        smaller. Above 256 KiB it ends the execution, which nothing can catch. Then the package is rejected all the
        same, with the stack's status as the reason.
        """
        settings = self._settings
        why = Task(
            self,
            "Why was it rolled back?",
            role=settings.role,
            resource="aws-sdk:cloudformation:describeStackEvents",
            arguments={"StackName": settings.serving_stack},
            statements=[allow(["cloudformation:DescribeStackEvents"], [settings.stack_arn])],
            assign={"problem": FIRST_FAILURE},
        )
        catch(why, self._rejection)  # without events the status alone is the reason
        why.next(self._rejection)
        first = rejecting(self, "Reject the package first", settings=settings)
        catch(first, why)
        first.next(why)
        return Choice(self, "Was it released by an approval?", Branch(BY_APPROVAL, first), Otherwise(why))
