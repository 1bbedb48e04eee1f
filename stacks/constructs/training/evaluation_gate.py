"""The gate: good enough by itself, and not worse than the champion by more than the model declares."""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import ModelSpec, names
from stacks.constructs.jobs.job_task import JobSettings
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.training.artifact_access import RUN_REASON, reading
from stacks.constructs.training.newest_approved import NEWEST, NewestApproved
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import fail, jsonata

MOST_METRICS = 47
"""CustomerMetadataProperties has 50 entries at most, three of which tell where the package comes from."""


class EvaluationGate(Construct):
    """From the evaluation's metrics to ``then``, or to a failure that says by how much; ``start`` is where to enter.

    The champion is the group's newest Approved package that has the metric; with none, only the threshold counts.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, group: str, then: sfn.IChainable) -> None:
        super().__init__(scope, id_)
        model = settings.model
        self._settings = settings
        find = NewestApproved(
            self,
            "Find the champion",
            role=settings.workflow_role,
            group=group,
            assign={"champion": {"arn": NEWEST, "value": 0}},
        )
        describe = self._describe_champion(group)
        read = self._read_metrics()
        known = sfn.Choice(self, "Is there a champion?")
        gate = sfn.Choice(self, "Good enough?")
        gate.when(sfn.Condition.jsonata(jsonata(below_threshold(model))), self._below(model))
        gate.when(sfn.Condition.jsonata(jsonata(below_champion(model))), self._worse(model))
        gate.otherwise(then)
        known.when(sfn.Condition.jsonata(jsonata("$champion.arn != ''")), describe).otherwise(gate)
        measured = sfn.Choice(self, "Was it measured?")
        measured.when(sfn.Condition.jsonata(jsonata(f"$not($type({_value(model)}) = 'number')")), self._missing(model))
        measured.when(sfn.Condition.jsonata(jsonata(f"$count($keys($metrics)) > {MOST_METRICS}")), self._too_many())
        measured.otherwise(find)
        read.next(measured)
        find.next(known)
        describe.next(gate)
        self.start = read

    def _read_metrics(self) -> Task:
        settings, bucket = self._settings, self._settings.foundation.artifacts
        key = jsonata(f"'{names.artifacts(settings.model.name)}' & $run & '/{names.EVALUATION}'")
        return Task(
            self,
            "Read the metrics",
            role=settings.workflow_role,
            resource="aws-sdk:s3:getObject",
            arguments={"Bucket": bucket.bucket_name, "Key": key},
            statements=reading(settings, f"{names.artifacts(settings.model.name)}*/{names.EVALUATION}", RUN_REASON),
            assign={"metrics": jsonata("$parse($states.result.Body).metrics")},
        )

    def _describe_champion(self, group: str) -> Task:
        metric = self._settings.model.evaluation.metric
        value = f"$lookup($states.result.CustomerMetadataProperties, '{metric}')"
        measured = f"$exists({value})"
        return Task(
            self,
            "How good is the champion?",
            role=self._settings.workflow_role,
            resource="aws-sdk:sagemaker:describeModelPackage",
            arguments={"ModelPackageName": jsonata("$champion.arn")},
            statements=[
                allow(["sagemaker:DescribeModelPackage"], [arn(self, "sagemaker", f"model-package/{group}/*")])
            ],
            assign={
                "champion": {
                    "arn": jsonata(f"{measured} ? $states.result.ModelPackageArn : ''"),
                    "value": jsonata(f"{measured} ? $number({value}) : 0"),
                }
            },
        )

    def _missing(self, model: ModelSpec) -> sfn.Fail:
        metric = model.evaluation.metric
        cause = f"'evaluation.json has no number {metric}; it has ' & $join($keys($metrics), ', ')"
        return fail(self, "Not measured", error="MetricMissing", cause=cause)

    def _too_many(self) -> sfn.Fail:
        most = f"at most {MOST_METRICS} fit the registry beside what the workflow adds"
        cause = f"'evaluation.json has ' & $string($count($keys($metrics))) & ' metrics; {most}'"
        return fail(self, "Too many metrics", error="TooManyMetrics", cause=cause)

    def _below(self, model: ModelSpec) -> sfn.Fail:
        return fail(self, "Below the threshold", error="GateFailed", cause=below_threshold_cause(model))

    def _worse(self, model: ModelSpec) -> sfn.Fail:
        return fail(self, "Worse than the champion", error="GateFailed", cause=below_champion_cause(model))


def below_threshold(model: ModelSpec) -> str:
    """Whether the metric misses the threshold, as JSONata."""
    return f"{_shortfall(model)} > 0"


def below_champion(model: ModelSpec) -> str:
    """Whether the metric is worse than the champion's by more than the tolerance, as JSONata."""
    # Differences of decimal fractions are rounded, or 0.99 - 0.988 would be more than 0.002.
    return f"$champion.arn != '' and $round({_worse_by(model)}, 9) > {model.evaluation.tolerance}"


def below_threshold_cause(model: ModelSpec) -> str:
    """The sentence of a model below the threshold, as JSONata."""
    metric, threshold = model.evaluation.metric, model.evaluation.threshold
    side = "below" if model.evaluation.goal == "maximize" else "above"
    by = f"$string($round({_shortfall(model)}, 4))"
    return f"'{metric} ' & {_shown(model)} & ' is {side} the threshold {threshold}, by ' & {by}"


def below_champion_cause(model: ModelSpec) -> str:
    """The sentence of a model worse than the champion, as JSONata."""
    metric, tolerance = model.evaluation.metric, model.evaluation.tolerance
    worse = f"$string($round({_worse_by(model)}, 4))"
    return (
        f"'{metric} ' & {_shown(model)} & ' is worse than that of the champion ' & $champion.arn & ' (' & "
        f"$string($champion.value) & ') by ' & {worse} & ', more than the tolerance {tolerance}'"
    )


def _shortfall(model: ModelSpec) -> str:
    """By how much the threshold is missed: more than 0 if it is."""
    value, threshold = _value(model), f"({model.evaluation.threshold})"
    return f"{threshold} - {value}" if model.evaluation.goal == "maximize" else f"{value} - {threshold}"


def _worse_by(model: ModelSpec) -> str:
    value = _value(model)
    return f"$champion.value - {value}" if model.evaluation.goal == "maximize" else f"{value} - $champion.value"


def _value(model: ModelSpec) -> str:
    return f"$lookup($metrics, '{model.evaluation.metric}')"


def _shown(model: ModelSpec) -> str:
    return f"$string($round({_value(model)}, 4))"
