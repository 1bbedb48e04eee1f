"""The archive of a version: a copy that no job can write, of the same bytes that were measured."""

from __future__ import annotations

from constructs import Construct

from specs import names
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.training.sealed_copy import CHECKSUM, SealedCopy
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import ERROR_CAUSE, Jsonata
from stacks.constructs.workflows.states import Fail, catch

PLACE = f"{names.REGISTRY}/{names.ARCHIVE}"
"""The sealed archive of an execution, by kind and name."""


class SealedArchive(Construct):
    """Copies the archive of `$job` after the gate, and leaves if its checksum is `$measured`.

    So an execution that does not pass the gate leaves no archive there (docs/decisions/0024).
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings) -> None:
        super().__init__(scope, id_)
        same = Otherwise()
        self.start = SealedCopy(
            self,
            "Seal the archive",
            settings=settings,
            uri=Jsonata("$job.artifact"),
            key=settings.key(PLACE),
            reads=(names.MODELS,),
            writes=names.REGISTRY,
            assign={"sealed": CHECKSUM},
        )
        catch(self.start, self._not_copied(settings), assign={"reason": ERROR_CAUSE})
        self.start.next(
            Choice(
                self,
                "Is it the measured archive?",
                Branch(Jsonata("$measured = '' or $sealed != $measured"), self._changed()),
                same,
            )
        )
        self.exits = [same]

    def _not_copied(self, settings: JobSettings) -> Fail:
        cause = (
            f"'the archive ' & $job.artifact & ' cannot be copied to ' & {settings.location(PLACE)}"
            " & ' (it may have at most 5 GB): ' & $reason"
        )
        return Fail(self, "Archive not sealed", error="ArchiveNotSealed", cause=Jsonata(cause))

    def _changed(self) -> Fail:
        cause = (
            "'the archive ' & $job.artifact & ' has the SHA-256 ' & $sealed & ', but the evaluation measured one with '"
            " & ($measured = '' ? 'none' : $measured) & ': another job has overwritten it; train again'"
        )
        return Fail(self, "Archive changed", error="ArchiveChanged", cause=Jsonata(cause))
