"""The alarms of one endpoint, by its literal name: they exist before it does."""

from __future__ import annotations

from aws_cdk import Duration, Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from specs import names


class EndpointAlarm(cloudwatch.Alarm):
    """One metric of an endpoint's variant above a limit for some minutes.

    With ``config`` it watches the fleet of one configuration, and bears its name: each configuration gets an alarm of
    its own. An alarm that is changed keeps its state, and would greet a new fleet with the ALARM of the old one.

    Sources: SageMaker Developer Guide, "Amazon SageMaker AI metrics in Amazon CloudWatch" (latency is in microseconds)
    and "Auto-Rollback Configuration and Monitoring"; CloudWatch API Reference, "PutMetricAlarm".
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        endpoint: str,
        metric: str,
        statistic: str,
        threshold: float,
        minutes: int,
        topic: sns.ITopic,
        config: str | None = None,
    ) -> None:
        dimensions = {"EndpointName": endpoint, "VariantName": names.PRODUCTION_VARIANT}
        if config:
            dimensions["EndpointConfigName"] = config
        super().__init__(
            scope,
            id_,
            alarm_name=Fn.join("-", [Stack.of(scope).stack_name, id_, config]) if config else None,
            metric=cloudwatch.Metric(
                namespace="AWS/SageMaker",
                metric_name=metric,
                dimensions_map=dimensions,
                period=Duration.minutes(1),
                statistic=statistic,
            ),
            threshold=threshold,
            evaluation_periods=minutes,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.add_alarm_action(actions.SnsAction(topic))


def errors(scope: Construct, id_: str, *, endpoint: str, topic: sns.ITopic, config: str | None = None) -> EndpointAlarm:
    """More than five server errors in a minute. With ``config``, of the new fleet alone."""
    return EndpointAlarm(
        scope,
        id_,
        endpoint=endpoint,
        metric="Invocation5XXErrors",
        statistic="Sum",
        threshold=5,
        minutes=1,
        topic=topic,
        config=config,
    )


def latency(scope: Construct, id_: str, *, endpoint: str, topic: sns.ITopic) -> EndpointAlarm:
    """A p99 model latency above one second for five minutes."""
    return EndpointAlarm(
        scope, id_, endpoint=endpoint, metric="ModelLatency", statistic="p99", threshold=1e6, minutes=5, topic=topic
    )
