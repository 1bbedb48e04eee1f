"""The preparation of data, skipped for the same files and code (docs/decisions/0013)."""

from __future__ import annotations

from constructs import Construct

from specs import aws, hints, names
from stacks.constructs.jobs.job_facts import ProcessingFacts
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.jobs.processing_task import ProcessingTask
from stacks.constructs.security.statements import allow
from stacks.constructs.training.artifact_access import writing
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import EXECUTION_ID, RESULT, Jsonata
from stacks.constructs.workflows.states import Fail, Pass
from stacks.constructs.workflows.step import Exit, chain
from stacks.constructs.workflows.task import Task

MARKER = "complete.json"
MOST_FILES = 1000
PAGE = 100
"""Files in one answer of S3: with keys of 1,024 bytes, the longest, they fit the 256 KiB of a task's result.

A result counts whole, before the state takes its parts, and the error cannot be caught. Source: AWS Step Functions
Developer Guide, "Step Functions service quotas", and States.DataLimitExceeded in "Handling errors".
"""
# A hash of the code's key and of the listed files, one after the other: a single text may have 10,000 characters
# (Step Functions, "Intrinsic functions"). The next page goes on from it.
_FINGERPRINT = Jsonata(
    f"$substring($reduce($append([], {RESULT}.Contents), function($hash_, $file) {{"
    " $hash($hash_ & ' ' & $file.Key & ' ' & $string($file.Size) & ' ' & $file.ETag, 'SHA-256') }"
    ", $fingerprint), 0, 32)"
)


class DataPreparation(Construct):
    """Leaves with `$fingerprint` and `$prepared_again` assigned.

    The fingerprint is of the raw files' keys, sizes and ETags, and of the code. The marker is written last, so that
    the remains of a failed or interrupted job are prepared again.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self.start, look, known = self._begin(), self._look(), self._known()
        prepare, mark = self._prepare(), self._mark()
        facts = ProcessingFacts(self, "Note the preparation", settings=settings, step="prepare")
        prepared_before = Otherwise()
        self.start.next(look)
        look.next(
            Choice(
                self,
                "Is there data?",
                Branch(Jsonata("$files = 0"), self._no_data()),
                Branch(Jsonata(f"$more and $files >= {MOST_FILES}"), self._too_many()),
                Branch(Jsonata("$more"), look),
                Otherwise(known),
            )
        )
        known.next(Choice(self, "Is it prepared?", Branch(Jsonata("$prepared_again"), prepare), prepared_before))
        chain([prepare, facts, mark])
        self.exits: list[Exit] = [prepared_before, mark]

    def _begin(self) -> Pass:
        prefix = names.raw_data(self._settings.model.data.dataset)
        code = self._settings.code.s3_object_key
        return Pass(self, "Begin with the first file", assign={"files": 0, "last": prefix, "fingerprint": code})

    def _look(self) -> Task:
        """One page of the files after the last one that was looked at."""
        settings, bucket = self._settings, self._settings.foundation.data
        prefix = names.raw_data(settings.model.data.dataset)
        return Task(
            self,
            "Look at the data",
            role=settings.workflow_role,
            resource="aws-sdk:s3:listObjectsV2",
            arguments={
                "Bucket": bucket.bucket_name,
                "Prefix": prefix,
                "StartAfter": Jsonata("$last"),
                "MaxKeys": PAGE,
            },
            statements=[
                allow(["s3:ListBucket"], [bucket.bucket_arn], {"StringEquals": {"s3:prefix": prefix}}),
            ],
            assign={
                "files": Jsonata(f"$files + $count({RESULT}.Contents)"),
                "more": Jsonata(f"{RESULT}.IsTruncated"),
                "last": Jsonata(f"$exists({RESULT}.Contents) ? {RESULT}.Contents[-1].Key : $last"),
                "fingerprint": _FINGERPRINT,
            },
        )

    def _known(self) -> Task:
        """A list, not HeadObject: without the object that one answers 403 or 404, by the role's other rights.

        Data that could expire before the execution ends count as missing: the job writes the same bytes again, and S3
        counts their days from then. The marker is younger than the files by no more than the job's run, and an
        execution is shorter than the days for which it must be able to trust them by more than that.
        """
        settings, bucket = self._settings, self._settings.foundation.artifacts
        trusted = settings.environment.retention.trusted_days * aws.DAY * 1000
        marked = f"{RESULT}.Contents[0].LastModified"
        prefix = names.prepared_data(settings.model.name)
        return Task(
            self,
            "Look for prepared data",
            role=settings.workflow_role,
            resource="aws-sdk:s3:listObjectsV2",
            arguments={"Bucket": bucket.bucket_name, "Prefix": self._marker(), "MaxKeys": 1},
            statements=[
                allow(["s3:ListBucket"], [bucket.bucket_arn], {"StringLike": {"s3:prefix": f"{prefix}*/{MARKER}"}})
            ],
            assign={
                "prepared_again": Jsonata(f"$exists({marked}) ? $toMillis({marked}) < $millis() - {trusted} : true")
            },
        )

    def _prepare(self) -> ProcessingTask:
        settings = self._settings
        return ProcessingTask(
            self,
            "Prepare",
            settings=settings,
            role=settings.roles.prepare,
            step="prepare",
            noun="Preparation",
            inputs={"raw": settings.raw_data()},
            output=("prepared", settings.prepared("")),
        )

    def _mark(self) -> Task:
        settings = self._settings
        pattern = f"{names.prepared_data(settings.model.name)}*/{MARKER}"
        return Task(
            self,
            "Mark as prepared",
            role=settings.workflow_role,
            resource="aws-sdk:s3:putObject",
            arguments={
                "Bucket": settings.foundation.artifacts.bucket_name,
                "Key": self._marker(),
                "Body": {"execution": EXECUTION_ID, "files": Jsonata("$files")},
                "ContentType": "application/json",
            },
            statements=writing(settings, pattern, "Prepared data lie below a fingerprint of their files"),
        )

    def _marker(self) -> Jsonata:
        return Jsonata(f"'{names.prepared_data(self._settings.model.name)}' & $fingerprint & '/{MARKER}'")

    def _no_data(self) -> Fail:
        settings = self._settings
        command = hints.upload(*settings.resolved.place, "FOLDER")
        cause = f"'there is no file at {settings.raw_data()}: run `{command}`'"
        return Fail(self, "No data", error="NoData", cause=Jsonata(cause))

    def _too_many(self) -> Fail:
        where = self._settings.raw_data()
        most = f"at most {MOST_FILES} are looked at: pack them into fewer"
        cause = f"'there are more than {MOST_FILES} files at {where}; {most}'"
        return Fail(self, "Too many files", error="TooManyFiles", cause=Jsonata(cause))
