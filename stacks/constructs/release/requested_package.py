"""The version to release: the input names it, the registry says whether it is Approved."""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.release.release_settings import ReleaseSettings
from stacks.constructs.release.sealed_version import ARCHIVE
from stacks.constructs.security.statements import allow
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import INPUT, RESULT, Jsonata
from stacks.constructs.workflows.states import Fail, Pass, Wait
from stacks.constructs.workflows.task import Task

FROM_EVENT = Jsonata(f"$exists({INPUT}.detail)")
NO_PACKAGE = Jsonata(f"$not($exists({INPUT}.detail.ModelPackageArn) or $exists({INPUT}.ModelPackageArn))")
PACKAGE = Jsonata(f"{FROM_EVENT} ? {INPUT}.detail.ModelPackageArn : {INPUT}.ModelPackageArn")


class RequestedPackage(Construct):
    """Leaves with `$package`, `$archive` and `$automatic` (an event, not a person, started the execution).

    `ask_again` waits, and asks the registry anew: a package may be rejected while its release waits for the stack.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: ReleaseSettings) -> None:
        super().__init__(scope, id_)
        named, ask, approved = self._intent(), self._ask(settings), Branch(Jsonata("$approval = 'Approved'"))
        self.start = Choice(self, "What is meant?", Branch(NO_PACKAGE, self._nothing_to_release()), Otherwise(named))
        named.next(ask)
        ask.next(
            Choice(
                self,
                "Approved now?",
                approved,
                Branch(Jsonata("$automatic"), sfn.Succeed(self, "Ignored: not approved now")),
                Otherwise(self._not_approved()),
            )
        )
        self.exits = [approved]
        self.ask_again = Wait(self, "Wait for the stack", seconds=Jsonata("$pause"))
        self.ask_again.next(ask)

    def _intent(self) -> Pass:
        return Pass(
            self,
            "Intent",
            assign={"package": PACKAGE, "automatic": FROM_EVENT, "problem": "", "pause": 1, "looks": 0},
        )

    def _ask(self, settings: ReleaseSettings) -> Task:
        return Task(
            self,
            "Ask the registry",
            role=settings.role,
            resource="aws-sdk:sagemaker:describeModelPackage",
            arguments={"ModelPackageName": Jsonata("$package")},
            statements=[allow(["sagemaker:DescribeModelPackage"], [settings.packages_arn])],
            assign={"approval": Jsonata(f"{RESULT}.ModelApprovalStatus"), "archive": ARCHIVE},
        )

    def _nothing_to_release(self) -> Fail:
        cause = '\'the input names no ModelPackageArn: start it with {"ModelPackageArn": "arn:..."}\''
        return Fail(self, "Nothing to release", error="InvalidInput", cause=Jsonata(cause))

    def _not_approved(self) -> Fail:
        cause = Jsonata("$package & ' is ' & $approval & ', not Approved'")
        return Fail(self, "Not approved", error="NotApproved", cause=cause)
