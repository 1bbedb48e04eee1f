"""The evaluation gate: good enough on its own, and not worse than the champion by more than the tolerance."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.task import Task
from stacks.constructs.training_context import TrainingContext

BELOW_THRESHOLD = "{% $round($value - $threshold, 9) < 0 %}"
WORSE_THAN_CHAMPION = "{% $champion.exists and $round($value + $tolerance - $champion.value, 9) < 0 %}"
"""Rounded, because 0.99 - 0.002 is not 0.988 in binary."""

BELOW_THRESHOLD_CAUSE = (
    "{% $metric & ' is ' & $string($value) & ', below the threshold ' & $string($threshold) &"
    " ' by ' & $string($round($threshold - $value, 6)) %}"
)
WORSE_THAN_CHAMPION_CAUSE = (
    "{% $metric & ' is ' & $string($value) & ', worse than ' & $string($champion.value) &"
    " ' of the champion (version ' & $champion.version & ') by ' & $string($round($champion.value - $value, 6)) &"
    " '; tolerated are ' & $string($tolerance) %}"
)


class Gate(Construct):
    """Reads evaluation.json and the newest Approved model package; ends in `next_` with `$metrics` set, or fails.

    Begins at `start`. Without a champion, or with one that never measured this metric, only the threshold counts.
    """

    def __init__(self, scope: Construct, id_: str, *, context: TrainingContext, next_: sfn.IChainable) -> None:
        super().__init__(scope, id_)
        decide = self._decide(next_)
        measured = sfn.Choice(self, "Metric measured?")
        champion = self._champion(context, decide)
        missing = sfn.Fail(
            self,
            "Metric missing",
            error="MetricMissing",
            cause="{% 'evaluation.json has no metric ' & $metric & '; it has ' & $join($keys($metrics), ', ') %}",
        )
        measured.when(
            sfn.Condition.jsonata("{% $exists($lookup($metrics, $metric)) %}"),
            champion,
            assign={"value": "{% $lookup($metrics, $metric) %}"},
        ).otherwise(missing)
        self.start = self._read_evaluation(context).next(measured)

    def _read_evaluation(self, context: TrainingContext) -> Task:
        bucket, evaluation = context.foundation.artifacts, context.model.evaluation
        objects = bucket.arn_for_objects(f"{context.model.name}/*/evaluation/evaluation.json")
        return Task(
            self,
            "Read evaluation",
            role=context.role,
            resource="aws-sdk:s3:getObject",
            arguments={"Bucket": bucket.bucket_name, "Key": "{% $evaluation_key %}"},
            statements=[
                iam.PolicyStatement(actions=["s3:GetObject"], resources=[objects]),
                iam.PolicyStatement(actions=["kms:Decrypt"], resources=[context.foundation.key.key_arn]),
            ],
            assign={
                "metrics": "{% $parse($states.result.Body).metrics %}",
                "metric": evaluation.metric,
                "threshold": evaluation.threshold,
                "tolerance": evaluation.tolerance,
                "champion": {"exists": False, "value": 0, "version": "", "arn": ""},
            },
        )

    def _champion(self, context: TrainingContext, decide: sfn.Choice) -> Task:
        stack, group = Stack.of(self), context.model_package_group
        newest = Task(
            self,
            "Find champion",
            role=context.role,
            resource="aws-sdk:sagemaker:listModelPackages",
            arguments={
                "ModelPackageGroupName": group,
                "ModelApprovalStatus": "Approved",
                "SortBy": "CreationTime",
                # The default is ascending: the first would be the oldest.
                "SortOrder": "Descending",
                "MaxResults": 1,
            },
            statements=[
                iam.PolicyStatement(
                    actions=["sagemaker:ListModelPackages"],
                    resources=[
                        stack.format_arn(service="sagemaker", resource="model-package-group", resource_name=group)
                    ],
                )
            ],
            assign={"champion_arn": "{% $join([$states.result.ModelPackageSummaryList[0].ModelPackageArn], '') %}"},
        )
        describe = Task(
            self,
            "Describe champion",
            role=context.role,
            resource="aws-sdk:sagemaker:describeModelPackage",
            arguments={"ModelPackageName": "{% $champion_arn %}"},
            statements=[
                iam.PolicyStatement(
                    actions=["sagemaker:DescribeModelPackage"],
                    resources=[
                        stack.format_arn(service="sagemaker", resource="model-package", resource_name=f"{group}/*")
                    ],
                )
            ],
            assign={
                "champion": {
                    "exists": "{% $exists($lookup($states.result.CustomerMetadataProperties, $metric)) %}",
                    "value": "{% $number($join([$lookup($states.result.CustomerMetadataProperties, $metric), '0'][0])) %}",
                    "version": "{% $split($champion_arn, '/')[-1] %}",
                    "arn": "{% $champion_arn %}",
                }
            },
        )
        found = sfn.Choice(self, "Is there a champion?")
        found.when(sfn.Condition.jsonata("{% $champion_arn != '' %}"), describe.next(decide)).otherwise(decide)
        newest.next(found)
        return newest

    def _decide(self, next_: sfn.IChainable) -> sfn.Choice:
        decide = sfn.Choice(self, "Good enough?")
        below = sfn.Fail(self, "Below threshold", error="BelowThreshold", cause=BELOW_THRESHOLD_CAUSE)
        worse = sfn.Fail(self, "Worse than champion", error="WorseThanChampion", cause=WORSE_THAN_CHAMPION_CAUSE)
        decide.when(sfn.Condition.jsonata(BELOW_THRESHOLD), below)
        decide.when(sfn.Condition.jsonata(WORSE_THAN_CHAMPION), worse)
        return decide.otherwise(next_)
