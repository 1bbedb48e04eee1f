"""Preparing data, unless the same files were prepared by the same code before (docs/decisions/0013)."""

from __future__ import annotations

import json

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import EnvironmentSpec, names
from stacks.constructs.jobs.job_facts import ProcessingFacts
from stacks.constructs.jobs.job_task import JobSettings, ProcessingTask
from stacks.constructs.security.statements import allow
from stacks.constructs.training.artifact_access import writing
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import fail, jsonata, or_fail

MARKER = "complete.json"
# Hashed one after the other: a single text may have 10,000 characters (Step Functions, "Intrinsic functions").
FINGERPRINT = (
    "$substring($reduce($append([], $states.result.Contents), function($hash_, $file) {{"
    " $hash($hash_ & ' ' & $file.Key & ' ' & $string($file.Size) & ' ' & $file.ETag, 'SHA-256') }}, {code}), 0, 32)"
)


class DataPreparation(Construct):
    """From `start` to `then`, with `$fingerprint` and `$prepared_again` assigned.

    The fingerprint is of the raw files' keys, sizes and ETags, and of the code. The marker is written last, so that
    what a failed or interrupted job left is prepared again.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: JobSettings,
        environment: EnvironmentSpec,
        then: sfn.IChainable,
    ) -> None:
        super().__init__(scope, id_)
        self._settings, self._environment = settings, environment
        look, known, prepare, mark = self._look(), self._known(), self._prepare(), self._mark()
        facts = ProcessingFacts(
            self, "Note the preparation", settings=settings, step="prepare", compute=environment.processing
        )
        found = sfn.Choice(self, "Is there data?")
        found.when(sfn.Condition.jsonata(jsonata("$files = 0")), self._no_data())
        found.when(sfn.Condition.jsonata(jsonata("$files < 0")), self._too_many())
        found.otherwise(known)
        same = sfn.Choice(self, "Is it prepared?")
        same.when(sfn.Condition.jsonata(jsonata("$prepared_again")), prepare).otherwise(then)
        look.next(found)
        known.next(same)
        prepare.next(facts)
        facts.next(mark)
        mark.next(then)
        self.start = look

    def _look(self) -> Task:
        settings, bucket = self._settings, self._settings.foundation.data
        prefix = names.raw_data(settings.model.data.dataset)
        count = "$states.result.IsTruncated ? -1 : $count($states.result.Contents)"
        return Task(
            self,
            "Look at the data",
            role=settings.workflow_role,
            resource="aws-sdk:s3:listObjectsV2",
            arguments={"Bucket": bucket.bucket_name, "Prefix": prefix, "MaxKeys": 1000},
            statements=[
                allow(["s3:ListBucket"], [bucket.bucket_arn], {"StringEquals": {"s3:prefix": prefix}}),
            ],
            assign={
                "files": jsonata(count),
                "fingerprint": jsonata(FINGERPRINT.format(code=json.dumps(settings.code.s3_object_key))),
            },
        )

    def _known(self) -> Task:
        """A list, not HeadObject: without the object that one answers 403 or 404, by the role's other rights."""
        settings, bucket = self._settings, self._settings.foundation.artifacts
        prefix = names.prepared_data(settings.model.name)
        return Task(
            self,
            "Look for prepared data",
            role=settings.workflow_role,
            resource="aws-sdk:s3:listObjectsV2",
            arguments={
                "Bucket": bucket.bucket_name,
                "Prefix": jsonata(f"'{prefix}' & $fingerprint & '/{MARKER}'"),
                "MaxKeys": 1,
            },
            statements=[
                allow(["s3:ListBucket"], [bucket.bucket_arn], {"StringLike": {"s3:prefix": f"{prefix}*/{MARKER}"}})
            ],
            assign={"prepared_again": jsonata("$count($states.result.Contents) = 0")},
        )

    def _prepare(self) -> ProcessingTask:
        settings = self._settings
        task = ProcessingTask(
            self,
            "Prepare",
            settings=settings,
            step="prepare",
            compute=self._environment.processing,
            inputs={"raw": settings.raw_data()},
            output=("prepared", settings.prepared("")),
        )
        or_fail(task, "Preparation failed", error="PreparationFailed")
        return task

    def _mark(self) -> Task:
        settings, prepared = self._settings, names.prepared_data(self._settings.model.name)
        return Task(
            self,
            "Mark as prepared",
            role=settings.workflow_role,
            resource="aws-sdk:s3:putObject",
            arguments={
                "Bucket": settings.foundation.artifacts.bucket_name,
                "Key": jsonata(f"'{prepared}' & $fingerprint & '/{MARKER}'"),
                "Body": {"execution": jsonata("$states.context.Execution.Id"), "files": jsonata("$files")},
                "ContentType": "application/json",
            },
            statements=writing(
                settings, f"{prepared}*/{MARKER}", "Prepared data lie below a fingerprint of their files"
            ),
        )

    def _no_data(self) -> sfn.Fail:
        where = self._settings.raw_data()
        command = f"python -m operations upload {self._environment.name} {self._settings.model.name} FOLDER"
        return fail(self, "No data", error="NoData", cause=f"'there is no file at {where}: run `{command}`'")

    def _too_many(self) -> sfn.Fail:
        where = self._settings.raw_data()
        cause = f"'there are more than 1000 files at {where}; at most 1000 are looked at: pack them into fewer'"
        return fail(self, "Too many files", error="TooManyFiles", cause=cause)
