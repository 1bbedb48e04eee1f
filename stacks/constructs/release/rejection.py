"""The end of a failed release: it fails with the reason, and may reject the package."""

from __future__ import annotations

from constructs import Construct

from stacks.constructs.logs.log_command import with_log
from stacks.constructs.release.release_settings import ReleaseSettings
from stacks.constructs.security.approval import with_status
from stacks.constructs.security.statements import allow
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import Jsonata
from stacks.constructs.workflows.states import Fail, catch
from stacks.constructs.workflows.task import Task

BY_APPROVAL = Jsonata("$automatic")
# On one line: SageMaker refuses a description with a line break.
REASON = Jsonata("$substring($replace('release failed: ' & $problem, /[\\s]+/, ' '), 0, 1024)")


class Rejection(Choice):
    """Fail with `$problem`; reject the package first if its approval's event released it.

    A version that a person asked for keeps its approval: it has served before, and the next attempt needs it Approved.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: ReleaseSettings) -> None:
        failed = Fail(
            scope,
            "Release failed",
            error="ReleaseFailed",
            cause=with_log("$problem", settings.resolved, "release", "endpoint"),
        )
        reject = rejecting(scope, "Reject the package", settings=settings)
        catch(reject, failed)
        reject.next(failed)
        super().__init__(scope, id_, Branch(BY_APPROVAL, reject), Otherwise(failed))


def rejecting(scope: Construct, id_: str, *, settings: ReleaseSettings) -> Task:
    """Reject the package with `$problem` as the reason."""
    return Task(
        scope,
        id_,
        role=settings.role,
        resource="aws-sdk:sagemaker:updateModelPackage",
        arguments={
            "ModelPackageArn": Jsonata("$package"),
            "ModelApprovalStatus": "Rejected",
            "ApprovalDescription": REASON,
        },
        statements=[allow(["sagemaker:UpdateModelPackage"], [settings.packages_arn], with_status("Rejected"))],
    )
