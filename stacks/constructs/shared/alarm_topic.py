"""The topic of all alarms and notices of an environment, its key, and its subscriber."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from stacks.constructs.security.trust import service_of_this_account

_USE_OF_KEY = ("kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext")
"""AWS's page has kms:GenerateDataKey*; its other actions are for asymmetric key pairs, which SNS does not use."""


class AlarmTopic(sns.Topic):
    """CloudWatch's alarms and EventBridge's rules may publish; both policies must let each of them in.

    A policy of our own replaces SNS's default one, so everybody who publishes is named here. EventBridge is let in
    without a condition: AWS honours none ("You can't use Condition blocks in Amazon SNS topic policies for
    EventBridge"; aws:SourceAccount in a key's policy "is not supported for EventBridge-to-encrypted topics"). The topic
    has a key of its own, so that this reaches no data.

    Sources: Amazon CloudWatch User Guide, "Notifying users on alarm changes"; Amazon EventBridge User Guide, "Using
    resource-based policies for Amazon EventBridge"; Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys
    and costs".
    """

    def __init__(self, scope: Construct, id_: str, *, email: str | None) -> None:
        key = kms.Key(
            scope,
            f"{id_}Key",
            enable_key_rotation=True,
            description="Messages of the alarm topic",
            removal_policy=RemovalPolicy.DESTROY,  # a message is not kept
        )
        super().__init__(scope, id_, master_key=key, enforce_ssl=True)
        publishers = {
            "Alarms": service_of_this_account(self, "cloudwatch.amazonaws.com"),
            "Rules": iam.ServicePrincipal("events.amazonaws.com"),
        }
        for name, publisher in publishers.items():
            key.add_to_resource_policy(
                iam.PolicyStatement(sid=name, principals=[publisher], actions=[*_USE_OF_KEY], resources=["*"])
            )
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=name, principals=[publisher], actions=["sns:Publish"], resources=[self.topic_arn]
                )
            )
        if email:
            self.add_subscription(subscriptions.EmailSubscription(email))
