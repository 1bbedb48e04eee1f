"""The archive of the version to release: sealed, and still the bytes that were registered (docs/decisions/0024)."""

from __future__ import annotations

from constructs import Construct

from specs import names
from stacks.constructs.release.rejection import Rejection
from stacks.constructs.release.release_settings import ReleaseSettings
from stacks.constructs.security.private_data import use_of_key
from stacks.constructs.security.statements import allow
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import ERROR_CAUSE, RESULT, Jsonata, first_of, starts_with
from stacks.constructs.workflows.states import catch
from stacks.constructs.workflows.task import Task

_CONTAINERS = f"{RESULT}.InferenceSpecification.Containers"
ARCHIVE = {
    "uri": first_of(f"{_CONTAINERS}[0].ModelDataUrl", "''"),
    "containers": Jsonata(f"$count({_CONTAINERS})"),
    "checksum": first_of(f"{RESULT}.CustomerMetadataProperties.{names.ARCHIVE_CHECKSUM}", "''"),
}
"""The variable `$archive`, from DescribeModelPackage."""


class SealedVersion(Construct):
    """Leaves if the object of `$archive` has its package's checksum; else leads to `rejection`."""

    def __init__(self, scope: Construct, id_: str, *, settings: ReleaseSettings, rejection: Rejection) -> None:
        super().__init__(scope, id_)
        look, same = self._look(settings), Otherwise()
        place = f"s3://{settings.foundation.artifacts.bucket_name}/{settings.archives}"
        sealed = f"{starts_with('$archive.uri', place)} and $archive.checksum != ''"
        unsealed = Jsonata(f"$not({sealed} and $archive.containers = 1)")
        self.start = Choice(
            self,
            "Is it sealed?",
            Branch(unsealed, rejection, assign={"problem": _unsealed(place)}),
            Otherwise(look),
        )
        changed = Branch(Jsonata("$found != $archive.checksum"), rejection, assign={"problem": _CHANGED})
        look.next(Choice(self, "Is it what was registered?", changed, same))
        catch(look, rejection, assign={"problem": _UNREAD})
        self.exits = [same]

    def _look(self, settings: ReleaseSettings) -> Task:
        """Source of the permission on the key: Amazon S3 API Reference, "HeadObject" (ChecksumMode)."""
        bucket, key = settings.foundation.artifacts, settings.foundation.key
        return Task(
            self,
            "What is its archive?",
            role=settings.role,
            resource="aws-sdk:s3:headObject",
            arguments={
                "Bucket": bucket.bucket_name,
                "Key": Jsonata(f"$substringAfter($archive.uri, '{bucket.bucket_name}/')"),
                "ChecksumMode": "ENABLED",
            },
            statements=[
                allow(["s3:GetObject"], [bucket.arn_for_objects(f"{settings.archives}*")]),
                use_of_key(["kms:Decrypt"], key.key_arn),
            ],
            assign={"found": first_of(f"{RESULT}.ChecksumSHA256", "'none'")},
        )


def _unsealed(place: str) -> Jsonata:
    return Jsonata(
        f"$package & ' has no sealed archive: its ModelDataUrl is ' & $archive.uri & ', not below {place}, "
        f"it has no {names.ARCHIVE_CHECKSUM}, or it has several containers. "
        "It was registered by hand, or before archives were sealed: train again'"
    )


_CHANGED = Jsonata(
    "'the archive ' & $archive.uri & ' has the SHA-256 ' & $found & ', but ' & $package & ' was registered with '"
    " & $archive.checksum & ': it has been replaced. Find out by whom, and train again'"
)
_UNREAD = Jsonata(f"'the archive ' & $archive.uri & ' cannot be read: ' & {ERROR_CAUSE}")
