"""The records of an evaluated execution, where no job can write (docs/decisions/0024)."""

from __future__ import annotations

from constructs import Construct

from specs import names
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.security.statements import allow
from stacks.constructs.training.sealed_copy import CHECKSUM, SealedCopy
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import ERROR_CAUSE, RESULT, Jsonata, literal
from stacks.constructs.workflows.states import Fail, Map, catch
from stacks.constructs.workflows.task import Task

MEASURED = (names.EVALUATION, names.REPORT)
"""The files of the evaluation; its job says their checksums."""
_CHANGED = Jsonata(f"{literal(MEASURED)}[$lookup($written, $) != $lookup($kept, $)]")


def output_data() -> Jsonata:
    """The S3 URI of the training job's output data."""
    return Jsonata(f"$replace($job.artifact, '{names.ARCHIVE}', '{names.OUTPUT}')")


class Records(Construct):
    """Copies the evaluation's files, and compares them with its job's message.

    Any evaluation job of the model could write this execution's files before they are copied; but a job's message
    comes from that job alone. So what is judged from here on is what this execution's job wrote.

    Source: SageMaker Developer Guide, "Save and Access Metadata Information About Your Processing Job".
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self.start, keep = self._ask(), self._keep()
        unchanged = Otherwise()
        compare = Choice(
            self,
            "Are they what the job wrote?",
            Branch(Jsonata(f"$count({_CHANGED}) > 0"), self._changed()),
            unchanged,
        )
        self.start.next(
            Choice(
                self,
                "Did the job say what it wrote?",
                Branch(Jsonata(f"$count({literal(MEASURED)}[$exists($lookup($written, $))]) = {len(MEASURED)}"), keep),
                Otherwise(self._not_said()),
            )
        )
        keep.next(compare)
        self.exits = [unchanged]

    def _ask(self) -> Task:
        settings, said = self._settings, f"{RESULT}.ExitMessage"
        jobs = settings.job_arn("processing-job")
        return Task(
            self,
            "What did the evaluation write?",
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:describeProcessingJob",
            arguments={"ProcessingJobName": settings.job_name("evaluate")},
            statements=[allow(["sagemaker:DescribeProcessingJob"], [jobs])],
            assign={
                "written": Jsonata(
                    f"$exists({said}) and $substring({said}, 0, 1) = '{{' ? $parse({said}) : {{}}",
                )
            },
        )

    def _keep(self) -> Map:
        settings = self._settings
        files = [
            *(f"{{'name': '{name}', 'uri': {settings.location(f'{names.EVALUATIONS}/{name}')}}}" for name in MEASURED),
            f"{{'name': '{names.OUTPUT}', 'uri': {output_data()}}}",
        ]
        copy = SealedCopy(
            self,
            "Keep a record",
            settings=settings,
            uri=Jsonata("$states.input.uri"),
            key=Jsonata(f"{settings.key(f'{names.RECORDS}/')} & $states.input.name"),
            reads=(names.EVALUATIONS, names.MODELS),
            writes=names.RECORDS,
            output={"name": Jsonata("$states.input.name"), "checksum": CHECKSUM},
        )
        keep = Map(
            self,
            "Keep the records",
            items=Jsonata(f"[{', '.join(files)}]"),
            each=copy,
            at_once=1,
            assign={"kept": Jsonata(f"{RESULT}{{name: checksum}}")},
            output={},
        )
        cause = Jsonata(f"'the records of the evaluation cannot be copied: ' & {ERROR_CAUSE}")
        failed = Fail(self, "Records not kept", error="RecordsNotKept", cause=Jsonata("$reason"))
        catch(keep, failed, assign={"reason": cause})
        return keep

    def _not_said(self) -> Fail:
        cause = (
            "'the message of the evaluation job holds no checksums of ' & "
            f"'{' and '.join(MEASURED)}: write both by training.common.evaluation_job.write_results'"
        )
        return Fail(self, "Checksums missing", error="ChecksumsMissing", cause=Jsonata(cause))

    def _changed(self) -> Fail:
        cause = (
            f"$join({_CHANGED}, ' and ') & ' at ' & {self._settings.location(f'{names.EVALUATIONS}/')}"
            " & ' is not what the evaluation job of this execution wrote: another job has overwritten it'"
        )
        return Fail(self, "Evaluation changed", error="EvaluationChanged", cause=Jsonata(cause))
