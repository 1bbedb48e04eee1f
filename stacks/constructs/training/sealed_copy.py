"""A copy of an execution's file, with its checksum, where no job can write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from constructs import Construct

from specs import names
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.training.artifact_access import RUN_REASON, reading, writing
from stacks.constructs.workflows.jsonata import RESULT, Jsonata, first_of
from stacks.constructs.workflows.task import Task

CHECKSUM = first_of(f"{RESULT}.CopyObjectResult.ChecksumSHA256", "''")
"""The checksum of the copy: of the whole object, even if its source was uploaded in parts."""


class SealedCopy(Task):
    """Copy an object of at most 5 GB; `uri` and `key` are expressions.

    The tags of the source stay behind: to copy those of a scanner, for instance, would need further permissions.

    Source: Amazon S3 API Reference, "CopyObject"; Amazon S3 User Guide, "Checking object integrity in Amazon S3".
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: JobSettings,
        uri: Jsonata,
        key: Jsonata,
        reads: Sequence[str],
        writes: str,
        **results: Any,
    ) -> None:
        model = settings.model.name
        super().__init__(
            scope,
            id_,
            role=settings.workflow_role,
            resource="aws-sdk:s3:copyObject",
            arguments={
                "Bucket": settings.foundation.artifacts.bucket_name,
                "Key": key,
                "CopySource": Jsonata(f"$substringAfter({uri}, 's3://')"),
                "ChecksumAlgorithm": "SHA256",
                "TaggingDirective": "REPLACE",
            },
            statements=[
                *(each for kind in reads for each in reading(settings, f"{names.artifacts(kind, model)}*", RUN_REASON)),
                *writing(settings, f"{names.artifacts(writes, model)}*", RUN_REASON),
            ],
            **results,
        )
