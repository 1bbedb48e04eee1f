"""The alarms of one endpoint, by its literal name: they exist before it does. docs/alarms.md has a row for each."""

from __future__ import annotations

from aws_cdk import Duration, Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from specs import ResolvedModel, hints, names

_COMPARISON = cloudwatch.ComparisonOperator


class EndpointAlarm(cloudwatch.Alarm):
    """A metric of an endpoint above a limit in some of the last periods. Missing data counts as well.

    Without a topic it tells no person: a release reads its state.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        metric: cloudwatch.IMetric,
        threshold: float,
        periods: int,
        description: str,
        topic: sns.ITopic | None = None,
        needed: int | None = None,
        comparison: cloudwatch.ComparisonOperator = _COMPARISON.GREATER_THAN_THRESHOLD,
        name: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id_,
            alarm_name=name,
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            datapoints_to_alarm=needed,
            comparison_operator=comparison,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if topic is not None:
            self.add_alarm_action(actions.SnsAction(topic))


def add_alarms(scope: Construct, resolved: ResolvedModel, topic: sns.ITopic) -> None:
    """Every alarm that a person acts on; none of them rolls a release back."""
    _errors(scope, resolved, topic)
    _no_success(scope, resolved, topic)
    _latency(scope, resolved, topic)
    _at_maximum(scope, resolved, topic)


def new_fleet_errors(scope: Construct, id_: str, *, resolved: ResolvedModel, config: str) -> EndpointAlarm:
    """More than five server errors of one configuration's fleet in a minute: a release rolls back.

    It rings for SageMaker alone: at high traffic five errors are no reason to call a person, and a failed release tells
    of itself.

    It bears the configuration's name: each configuration gets an alarm of its own. An alarm that is changed keeps its
    state, and would greet a new fleet with the ALARM of the old one.

    Sources: SageMaker Developer Guide, "Auto-Rollback Configuration and Monitoring"; CloudWatch API Reference,
    "PutMetricAlarm".
    """
    return EndpointAlarm(
        scope,
        id_,
        name=Fn.join("-", [Stack.of(scope).stack_name, id_, config]),
        metric=_metric(resolved, "Invocation5XXErrors", "Sum", config=config),
        threshold=5,
        periods=1,
        description=_text(
            resolved,
            "more than 5 requests a minute failed on the instances of one configuration",
            "During its release SageMaker brings the version before back, and the release rejects this one: "
            f"{hints.status(*resolved.place)}. At other times it asks for nothing: the alarm Errors knows the share",
        ),
    )


def _errors(scope: Construct, resolved: ResolvedModel, topic: sns.ITopic) -> None:
    """The share of failed requests, in minutes with enough of them: one failed request of one rings nothing.

    Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
    """
    limits = resolved.alarm_limits
    share = cloudwatch.MathExpression(
        expression=f"IF(requests >= {limits.least_requests}, 100 * errors / requests, 0)",
        using_metrics={
            "errors": _metric(resolved, "Invocation5XXErrors", "Sum"),
            "requests": _metric(resolved, "Invocations", "Sum"),
        },
        label="percent of failed requests",
        period=Duration.minutes(1),
    )
    EndpointAlarm(
        scope,
        "Errors",
        metric=share,
        threshold=limits.error_percent,
        periods=3,
        needed=2,
        topic=topic,
        description=_text(
            resolved,
            f"more than {limits.error_percent:g} percent of the requests failed in two minutes of three",
            f"If a release came before: {hints.rollback(*resolved.place)}. Else read the endpoint's log: "
            f"{hints.logs(*resolved.place, 'endpoint')}",
        ),
    )


def _no_success(scope: Construct, resolved: ResolvedModel, topic: sns.ITopic) -> None:
    """Every request of an hour failed, three hours in a row: also with one request an hour.

    The metric has 1 for a failed request and 0 for another, so its average is the share.
    """
    EndpointAlarm(
        scope,
        "NoSuccess",
        metric=_metric(resolved, "Invocation5XXErrors", "Average", period=Duration.hours(1)),
        threshold=1,
        comparison=_COMPARISON.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        periods=3,
        topic=topic,
        description=_text(
            resolved,
            "every request of the last three hours failed",
            f"Try one: {hints.invoke(*resolved.place, 'FILE')}. Go back: {hints.rollback(*resolved.place)}",
        ),
    )


def _latency(scope: Construct, resolved: ResolvedModel, topic: sns.ITopic) -> None:
    """The model's latency, which CloudWatch has in microseconds."""
    limits = resolved.alarm_limits
    percentile = f"p{limits.latency_percentile:.12g}"
    EndpointAlarm(
        scope,
        "Latency",
        metric=_metric(resolved, "ModelLatency", percentile),
        threshold=1000 * limits.latency_ms,
        periods=5,
        topic=topic,
        description=_text(
            resolved,
            f"{percentile} of the model's latency was above {limits.latency_ms} ms for five minutes",
            f"If a release came before: {hints.rollback(*resolved.place)}. Else use more or larger instances: "
            f"models/{resolved.model.name}.toml, [environment.{resolved.environment.name}.serving]",
        ),
    )


def _at_maximum(scope: Construct, resolved: ResolvedModel, topic: sns.ITopic) -> None:
    """Autoscaling that can add no more instances.

    Each request counts 1 in Invocations, and 1 divided by the number of instances in InvocationsPerInstance; the
    quotient is that number. Half an instance of slack keeps rounding from hiding it.

    Source: Amazon SageMaker AI, "Amazon SageMaker AI metrics in Amazon CloudWatch".
    """
    limits, serving = resolved.alarm_limits, resolved.environment.serving
    if serving.autoscaling is None or serving.autoscaling.max_instances == serving.instance_count:
        return  # it always has its greatest number
    most = serving.autoscaling.max_instances
    instances = cloudwatch.MathExpression(
        expression="requests / per_instance",
        using_metrics={
            "requests": _metric(resolved, "Invocations", "Sum"),
            "per_instance": _metric(resolved, "InvocationsPerInstance", "Sum"),
        },
        label="instances",
        period=Duration.minutes(1),
    )
    EndpointAlarm(
        scope,
        "AtMaximum",
        metric=instances,
        threshold=most - 0.5,
        periods=limits.at_maximum_minutes,
        topic=topic,
        description=_text(
            resolved,
            f"autoscaling has had its maximum of {most} instances for {limits.at_maximum_minutes} minutes",
            f"More load makes requests slow. Raise max_instances: models/{resolved.model.name}.toml, "
            f"[environment.{resolved.environment.name}.serving.autoscaling]",
        ),
    )


def _metric(
    resolved: ResolvedModel, name: str, statistic: str, *, config: str | None = None, period: Duration | None = None
) -> cloudwatch.Metric:
    """A metric of the endpoint's variant; of one configuration's fleet where it is named."""
    dimensions = {"EndpointName": resolved.endpoint, "VariantName": names.PRODUCTION_VARIANT}
    if config:
        dimensions["EndpointConfigName"] = config
    return cloudwatch.Metric(
        namespace="AWS/SageMaker",
        metric_name=name,
        dimensions_map=dimensions,
        period=period or Duration.minutes(1),
        statistic=statistic,
    )


def _text(resolved: ResolvedModel, happened: str, next_step: str) -> str:
    """An alarm's description: what failed, and what to do."""
    return f"{resolved.model.name} in {resolved.environment.name}: {happened}. {next_step}."
