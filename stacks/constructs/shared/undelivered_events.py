"""The dead-letter queue of an environment's rules, and the alarm on it."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from specs import EnvironmentSpec, hints, names
from stacks.constructs.security.acknowledge import acknowledge

_SURE = 20
"""The first characters of a stack's name, which every generated name keeps; AWS documents no number."""


class UndeliveredEvents(sqs.Queue):
    """Keeps for 14 days every event that a rule of the environment could not deliver.

    One queue for all models: its policy lets in the rules by the start of their names, whoever declares them. SQS
    encrypts it with a key of its own, because a refused key may be the reason why an event is here.

    Source: Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events in EventBridge".
    """

    def __init__(self, scope: Construct, id_: str, *, environment: EnvironmentSpec, topic: sns.ITopic) -> None:
        super().__init__(
            scope,
            id_,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
            removal_policy=RemovalPolicy.DESTROY,
        )
        # CloudFormation names a rule after its stack, and cuts the stack's name where both exceed 64 characters.
        rules = Stack.of(self).format_arn(
            service="events", resource="rule", resource_name=f"{names.prefix(environment.name)[:_SURE]}*"
        )
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Rules",
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": rules}},
            )
        )
        acknowledge(self, "It is itself the dead-letter queue, of EventBridge's rules", "SQS3")
        self._alarm(environment, topic)

    def _alarm(self, environment: EnvironmentSpec, topic: sns.ITopic) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "NotEmpty",
            alarm_description=(
                f"An event of {environment.name} reached nobody: a notice was not sent, or an approved version is not "
                f"released. The messages in the queue {self.queue_name} name rule, target and error. Mend the cause, "
                f"look at what was missed ({hints.status(environment.name)}), and purge the queue."
            ),
            metric=self.metric_approximate_number_of_messages_visible(period=Duration.minutes(1), statistic="Maximum"),
            threshold=0,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
