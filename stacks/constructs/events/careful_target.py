"""A rule's target that loses no event: the environment's dead-letter queue keeps what it does not take."""

from __future__ import annotations

import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_sqs as sqs
from aws_cdk.interfaces.aws_events import IRuleRef


@jsii.implements(events.IRuleTarget)
class CarefulTarget:
    """Another target with a dead-letter queue. EventBridge tries for 24 hours, its default.

    The CDK's own parameter for the queue would write into the queue's policy, in the stack that all models share;
    that policy lets in every rule of the environment.
    """

    def __init__(self, target: events.IRuleTarget, undelivered: sqs.IQueue) -> None:
        self._target, self._undelivered = target, undelivered

    def bind(self, rule: IRuleRef, id: str | None = None) -> events.RuleTargetConfig:
        """Bind the other target, and name the queue."""
        found = self._target.bind(rule, id)
        return events.RuleTargetConfig(
            arn=found.arn,
            role=found.role,
            input=found.input,
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._undelivered.queue_arn),
        )
