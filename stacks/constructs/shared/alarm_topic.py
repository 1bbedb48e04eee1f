"""The topic of all alarms of an environment, and its subscriber."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from stacks.constructs.security.trust import service_of_this_account


class AlarmTopic(sns.Topic):
    def __init__(self, scope: Construct, id_: str, *, key: kms.Key, email: str | None) -> None:
        super().__init__(scope, id_, master_key=key, enforce_ssl=True)
        # Without this an alarm fires, and its message is silently lost (Amazon CloudWatch, "Notifying users").
        key.grant(service_of_this_account(self, "cloudwatch.amazonaws.com"), "kms:Decrypt", "kms:GenerateDataKey")
        if email:
            self.add_subscription(subscriptions.EmailSubscription(email))
