"""The release workflow: find the version, check it, update the serving stack, compare, prune (docs/decisions/0004)."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from stacks.constructs.release.rejection import Rejection
from stacks.constructs.release.release_settings import ReleaseSettings
from stacks.constructs.release.requested_package import RequestedPackage
from stacks.constructs.release.sealed_version import SealedVersion
from stacks.constructs.release.served_version import ServedVersion
from stacks.constructs.release.stack_update import StackUpdate
from stacks.constructs.workflows.workflow import Workflow


class ReleaseWorkflow(Construct):
    """Started by the approval event, or with ``{"ModelPackageArn": ...}`` by a person, which skips only the age check.

    It can run again, twice at once, and after a failure: a busy stack is waited for, and a stack that serves the
    package already is success.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: ReleaseSettings, log_days: int) -> None:
        super().__init__(scope, id_)
        rejection = Rejection(self, "Who asked for it?", settings=settings)
        requested = RequestedPackage(self, "Requested", settings=settings)
        sealed = SealedVersion(self, "Sealed", settings=settings, rejection=rejection)
        update = StackUpdate(self, "Update", settings=settings, busy=requested.ask_again, rejection=rejection)
        served = ServedVersion(self, "Served", settings=settings, look_again=update.look_again, rejection=rejection)
        self.machine = Workflow(
            self,
            "Machine",
            role=settings.role,
            steps=[requested, sealed, update, served],
            timeout=Duration.hours(12),
            log_days=log_days,
        )
        settings.acknowledge_wildcards()
