"""The gate: good enough by itself, and not worse than the champion by more than the model declares."""

from __future__ import annotations

from constructs import Construct

from specs import ModelSpec, names
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.training import gate_rules
from stacks.constructs.training.artifact_access import RUN_REASON, reading
from stacks.constructs.training.newest_approved import NEWEST, NewestApproved
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import RESULT, Jsonata, first_of
from stacks.constructs.workflows.states import Fail
from stacks.constructs.workflows.task import Task

MOST_METRICS = 46
"""CustomerMetadataProperties has 50 entries at most, four of which tell where the package comes from."""
_METRICS = f"{names.RECORDS}/{names.EVALUATION}"


class EvaluationGate(Construct):
    """Leaves with `$metrics` and `$measured`, the archive's checksum, or fails with a sentence.

    The champion is the group's newest Approved package that has the metric; with none, only the threshold counts.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, group: str) -> None:
        super().__init__(scope, id_)
        model, passed = settings.model, Otherwise()
        self.start = self._read_metrics(settings)
        find = NewestApproved(
            self,
            "Find the champion",
            role=settings.workflow_role,
            group=group,
            assign={"champion": {"arn": NEWEST, "value": 0}},
        )
        describe = self._describe_champion(settings, group)
        gate = Choice(
            self,
            "Good enough?",
            Branch(gate_rules.below_threshold(model), self._below(model)),
            Branch(gate_rules.below_champion(model), self._worse(model)),
            passed,
        )
        self.start.next(
            Choice(
                self,
                "Was it measured?",
                Branch(Jsonata(f"$not($type({gate_rules.measured_value(model)}) = 'number')"), self._missing(model)),
                Branch(Jsonata(f"$count($keys($metrics)) > {MOST_METRICS}"), self._too_many()),
                Otherwise(find),
            )
        )
        find.next(
            Choice(self, "Is there a champion?", Branch(Jsonata("$champion.arn != ''"), describe), Otherwise(gate))
        )
        describe.next(gate)
        self.exits = [passed]

    def _read_metrics(self, settings: JobSettings) -> Task:
        return Task(
            self,
            "Read the metrics",
            role=settings.workflow_role,
            resource="aws-sdk:s3:getObject",
            arguments={"Bucket": settings.foundation.artifacts.bucket_name, "Key": settings.key(_METRICS)},
            statements=reading(settings, f"{names.artifacts(names.RECORDS, settings.model.name)}*", RUN_REASON),
            assign={
                "metrics": Jsonata(f"$parse({RESULT}.Body).metrics"),
                "measured": first_of(f"$parse({RESULT}.Body).archive.checksum_sha256", "''"),
            },
        )

    def _describe_champion(self, settings: JobSettings, group: str) -> Task:
        value = f"$lookup({RESULT}.CustomerMetadataProperties, '{settings.model.evaluation.metric}')"
        measured = f"$exists({value})"
        packages = arn(self, "sagemaker", f"model-package/{group}/*")
        return Task(
            self,
            "How good is the champion?",
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:describeModelPackage",
            arguments={"ModelPackageName": Jsonata("$champion.arn")},
            statements=[allow(["sagemaker:DescribeModelPackage"], [packages])],
            assign={
                "champion": {
                    "arn": Jsonata(f"{measured} ? {RESULT}.ModelPackageArn : ''"),
                    "value": Jsonata(f"{measured} ? $number({value}) : 0"),
                }
            },
        )

    def _missing(self, model: ModelSpec) -> Fail:
        metric = model.evaluation.metric
        cause = Jsonata(f"'evaluation.json has no number {metric}; it has ' & $join($keys($metrics), ', ')")
        return Fail(self, "Not measured", error="MetricMissing", cause=cause)

    def _too_many(self) -> Fail:
        most = f"at most {MOST_METRICS} fit the registry beside what the workflow adds"
        cause = Jsonata(f"'evaluation.json has ' & $string($count($keys($metrics))) & ' metrics; {most}'")
        return Fail(self, "Too many metrics", error="TooManyMetrics", cause=cause)

    def _below(self, model: ModelSpec) -> Fail:
        return Fail(self, "Below the threshold", error="GateFailed", cause=gate_rules.below_threshold_cause(model))

    def _worse(self, model: ModelSpec) -> Fail:
        return Fail(self, "Worse than the champion", error="GateFailed", cause=gate_rules.below_champion_cause(model))
