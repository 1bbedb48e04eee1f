"""The gate: good enough by itself, and not worse than the champion by more than the model declares."""

from __future__ import annotations

from constructs import Construct

from specs import ModelSpec, names
from specs.fields import RESERVED_METRICS
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.training import gate_rules
from stacks.constructs.training.artifact_access import RUN_REASON, reading
from stacks.constructs.training.champion import MEASURED_AGAIN
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import RESULT, Jsonata, first_of
from stacks.constructs.workflows.states import Fail
from stacks.constructs.workflows.task import Task

MOST_METRICS = 50 - len(RESERVED_METRICS)
"""CustomerMetadataProperties has 50 entries at most, some of which tell where the package comes from."""
_METRICS = f"{names.RECORDS}/{names.EVALUATION}"
_EVALUATION = f"$parse({RESULT}.Body)"


class EvaluationGate(Construct):
    """Leaves with `$metrics` and `$measured` if the model is good enough; else fails.

    `$measured` is the checksum of the archive. The number of `$champion` is the stored one, or what this evaluation
    measured. Without a champion, or with one that could not be measured, only the thresholds count.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings) -> None:
        super().__init__(scope, id_)
        model, passed = settings.model, Otherwise()
        self.start = self._read_metrics(settings)
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
                Branch(Jsonata(f"{gate_rules.unmeasured(model)} != ''"), self._missing(model)),
                Branch(Jsonata(f"$count($keys($metrics)) > {MOST_METRICS}"), self._too_many()),
                Otherwise(gate),
            )
        )
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
                "metrics": Jsonata(f"{_EVALUATION}.metrics"),
                "measured": first_of(f"{_EVALUATION}.archive.checksum_sha256", "''"),
                "champion": _measured_champion(settings.model),
            },
        )

    def _missing(self, model: ModelSpec) -> Fail:
        missing = gate_rules.unmeasured(model)
        cause = Jsonata(f"'evaluation.json has no number ' & {missing} & '; it has ' & $join($keys($metrics), ', ')")
        return Fail(self, "Not measured", error="MetricMissing", cause=cause)

    def _too_many(self) -> Fail:
        most = f"at most {MOST_METRICS} fit the registry beside what the workflow adds"
        cause = Jsonata(f"'evaluation.json has ' & $string($count($keys($metrics))) & ' metrics; {most}'")
        return Fail(self, "Too many metrics", error="TooManyMetrics", cause=cause)

    def _below(self, model: ModelSpec) -> Fail:
        return Fail(self, "Below the threshold", error="GateFailed", cause=gate_rules.below_threshold_cause(model))

    def _worse(self, model: ModelSpec) -> Fail:
        return Fail(self, "Worse than the champion", error="GateFailed", cause=gate_rules.below_champion_cause(model))


def _measured_champion(model: ModelSpec) -> Jsonata:
    """The variable `$champion` with what the evaluation found of it."""
    metric = model.evaluation.metric
    value = f"$lookup({_EVALUATION}.champion.metrics, '{metric}')"
    problem = first_of(f"{_EVALUATION}.champion.problem", f"'evaluation.json has no number {metric} of it'")
    found = f"$type({value}) = 'number' ? {{'value': {value}}} : {{'problem': {problem}}}"
    return Jsonata(f"{MEASURED_AGAIN} ? $merge([$champion, {found}]) : $champion")
