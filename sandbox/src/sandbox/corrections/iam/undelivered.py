"""Events that a rule could not deliver: FailedInvocations, and the target's dead-letter queue.

Sources: Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events in EventBridge" and
"Monitoring Amazon EventBridge".
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import cloudwatch, eventbridge, sqs

from sandbox.corrections.iam.service_calls import EVENTS, ServiceCall
from sandbox.frame.permissions import NotAuthorized

NAMES = {
    "ministack.core.responses": "new_uuid",
    "ministack.services.cloudwatch": "record_metric",
    "ministack.services.eventbridge": "_pattern_event_view",
    "ministack.services.sqs": "_queue_by_arn _ensure_msg_fields _md5_msg_attrs queue_delay",
}
OVERRIDES = {
    "EventBridge: undelivered events": "each is counted in FailedInvocations and sent to the target's dead-letter "
    "queue, if that queue's policy lets the rule in; ministack only logs them"
}
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Undelivered:
    """One event that a target of a rule did not get. It fails for good: EventBridge does not try such errors again."""

    rule: dict[str, Any]
    target: dict[str, Any]
    code: str
    """A code of EventBridge's, such as NO_PERMISSIONS."""
    message: str

    def report(self, event: dict[str, Any], view: Any) -> None:
        """Count the failure, and keep the whole event in the dead-letter queue."""
        _logger.warning("%s does not reach its target %s: %s", self._rule_arn, self.target.get("Arn"), self.message)
        count(self.rule, "FailedInvocations")
        queue = (self.target.get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        try:
            ServiceCall(EVENTS, self._rule_arn).require("sqs:SendMessage", queue)
        except NotAuthorized as refusal:
            _logger.warning("%s does not reach its dead-letter queue: %s", self._rule_arn, refusal)
            count(self.rule, "InvocationsFailedToBeSentToDlq")
            return
        view = view or eventbridge._pattern_event_view(event)
        _send(queue, json.dumps(view.event_with_detail()), self._attributes())
        count(self.rule, "InvocationsSentToDlq")

    @property
    def _rule_arn(self) -> str:
        return self.rule.get("Arn", "")

    def _attributes(self) -> dict[str, dict[str, str]]:
        values = {
            "RULE_ARN": self._rule_arn,
            "TARGET_ARN": self.target.get("Arn", ""),
            "ERROR_CODE": self.code,
            "ERROR_MESSAGE": self.message,
            "RETRY_ATTEMPTS": "0",
        }
        return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


def count(rule: dict[str, Any], metric: str) -> None:
    """Add one to a rule's metric of AWS/Events."""
    cloudwatch.record_metric("AWS/Events", metric, 1, "Count", {"RuleName": rule.get("Name", "")})


def _send(arn: str, body: str, attributes: dict[str, dict[str, str]]) -> None:
    queue, now = sqs._queue_by_arn(arn), time.time()
    if queue is None:  # its policy was found, so it was there a moment ago
        return
    message = {
        "id": new_uuid(),
        "body": body,
        "md5": hashlib.md5(body.encode()).hexdigest(),
        "message_attributes": attributes,
        "md5_attrs": sqs._md5_msg_attrs(attributes),
        "sent_at": now,
        "visible_at": now + sqs.queue_delay(queue),
    }
    sqs._ensure_msg_fields(message)
    queue["messages"].append(message)
