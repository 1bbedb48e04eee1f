"""What wakes somebody up. All alarms go to the environment's topic."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.names import PRODUCTION_VARIANT

SERVER_ERRORS_PER_MINUTE = 5
LATENCY_MICROSECONDS = 1_000_000
"""The slowest hundredth of a minute's requests takes the model more than a second."""


class WorkflowAlarms(Construct):
    """An execution failed, or ran out of time."""

    def __init__(self, scope: Construct, id_: str, *, machine: sfn.StateMachine, topic: sns.ITopic) -> None:
        super().__init__(scope, id_)
        for name, metric in [("Failed", machine.metric_failed), ("TimedOut", machine.metric_timed_out)]:
            _alarm(self, name, metric(period=Duration.minutes(1), statistic="Sum"), threshold=1, minutes=1, topic=topic)


class EndpointAlarms(Construct):
    """Errors and latency of an endpoint; its name is literal, so that they exist before it does.

    `server_errors` also rolls an update back (see endpoint.py).
    """

    def __init__(self, scope: Construct, id_: str, *, endpoint_name: str, topic: sns.ITopic) -> None:
        super().__init__(scope, id_)
        self.server_errors = server_errors_alarm(self, "ServerErrors", {"EndpointName": endpoint_name}, topic)
        self.latency = _alarm(
            self,
            "Latency",
            endpoint_metric("ModelLatency", {"EndpointName": endpoint_name}, statistic="p99"),
            threshold=LATENCY_MICROSECONDS,
            minutes=3,
            topic=topic,
        )


def server_errors_alarm(
    scope: Construct, id_: str, dimensions: dict[str, str], topic: sns.ITopic
) -> cloudwatch.Alarm:
    """`dimensions` name the endpoint, and in an alarm on the new fleet of an update its configuration too."""
    metric = endpoint_metric("Invocation5XXErrors", dimensions, statistic="Sum")
    return _alarm(scope, id_, metric, threshold=SERVER_ERRORS_PER_MINUTE, minutes=1, topic=topic)


def endpoint_metric(name: str, dimensions: dict[str, str], *, statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/SageMaker",
        metric_name=name,
        dimensions_map={"VariantName": PRODUCTION_VARIANT, **dimensions},
        period=Duration.minutes(1),
        statistic=statistic,
    )


def _alarm(
    scope: Construct,
    id_: str,
    metric: cloudwatch.Metric,
    *,
    threshold: float,
    minutes: int,
    topic: sns.ITopic,
) -> cloudwatch.Alarm:
    alarm = cloudwatch.Alarm(
        scope,
        id_,
        metric=metric,
        threshold=threshold,
        evaluation_periods=minutes,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        # No requests, no metric: that is rest, not trouble.
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    alarm.add_alarm_action(actions.SnsAction(topic))
    return alarm
