"""Rules that tell the alarm topic what happened and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.constructs.events.careful_target import CarefulTarget
from stacks.foundation import FoundationStack


class Notice(events.Rule):
    """One kind of event, told as one sentence or more.

    EventBridge puts an event's values into the text as they are, without an escape, so the text takes names and
    numbers only: a cause may hold quotes. It has one line: a line break arrives as a backslash and an n.

    Source: Amazon EventBridge User Guide, "Amazon EventBridge input transformation".
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        foundation: FoundationStack,
        description: str,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        text: str,
    ) -> None:
        super().__init__(
            scope,
            id_,
            description=description,
            event_pattern=events.EventPattern(source=[source], detail_type=[detail_type], detail=dict(detail)),
        )
        # Imported: else the CDK would write each rule into the policy of the topic that all models share.
        topic = sns.Topic.from_topic_arn(self, "Topic", foundation.alarms.topic_arn)
        told = targets.SnsTopic(topic, message=events.RuleTargetInput.from_text(text))
        self.add_target(CarefulTarget(told, foundation.undelivered))
