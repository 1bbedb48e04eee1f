"""The end of a failed release: the package is Rejected, with the reason."""

from __future__ import annotations

from constructs import Construct

from stacks.constructs.release.release_settings import ReleaseSettings
from stacks.constructs.security.statements import allow
from stacks.constructs.workflows.jsonata import Jsonata
from stacks.constructs.workflows.states import Fail, catch
from stacks.constructs.workflows.task import Task

# On one line: SageMaker refuses a description with a line break.
REASON = Jsonata("$substring($replace('release failed: ' & $problem, /[\\s]+/, ' '), 0, 1024)")


class Rejection(Task):
    """Tell the registry the truth, then fail with `$problem`."""

    def __init__(self, scope: Construct, id_: str, *, settings: ReleaseSettings) -> None:
        super().__init__(
            scope,
            id_,
            role=settings.role,
            resource="aws-sdk:sagemaker:updateModelPackage",
            arguments={
                "ModelPackageArn": Jsonata("$package"),
                "ModelApprovalStatus": "Rejected",
                "ApprovalDescription": REASON,
            },
            statements=[allow(["sagemaker:UpdateModelPackage"], [settings.packages_arn])],
        )
        failed = Fail(scope, "Release failed", error="ReleaseFailed", cause=Jsonata("$problem"))
        catch(self, failed)
        self.next(failed)
