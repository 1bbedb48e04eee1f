"""A stack's events, published to the topics of its NotificationARNs.

Source: AWS CloudFormation User Guide, "Setting stack options" (notification options); the message's form as subscribers
report it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import cloudformation, sns
from ministack.services.cloudformation import changesets, engine, handlers, stacks

NAMES = {
    **{f"ministack.services.cloudformation.{module}": "_add_event" for module in ("changesets", "handlers", "stacks")},
    "ministack.services.cloudformation": "_stack_events",
    "ministack.services.cloudformation.engine": "_resolve_refs",
    "ministack.services.sns": "_publish",
}
OVERRIDES = {"CloudFormation: NotificationARNs": "ministack drops them; events are published, and `Ref` has their list"}

_log = logging.getLogger(__name__)


def publish_events() -> None:
    """Publish each event once its request is handled, and resolve AWS::NotificationARNs."""
    add = stacks._add_event

    def add_event(stack_id: str, *event: Any, **more: Any) -> None:
        add(stack_id, *event, **more)
        asyncio.get_running_loop().call_soon(_publish, stack_id, cloudformation._stack_events[stack_id][-1])

    for module in (stacks, handlers, changesets):
        module._add_event = add_event
    _resolve_topics()


def _resolve_topics() -> None:
    former = engine._resolve_refs

    def resolve(value: Any, *surroundings: Any) -> Any:
        if value == {"Ref": "AWS::NotificationARNs"}:
            return list(_topics(surroundings[-1]))
        return former(value, *surroundings)

    for module in (engine, changesets, handlers, stacks):
        module._resolve_refs = resolve


def _topics(stack_id: str) -> list[str]:
    return (handlers._resolve_stack(stack_id) or {}).get("NotificationARNs", [])


def _publish(stack_id: str, event: dict[str, str]) -> None:
    members = (
        *("StackId", "Timestamp", "EventId", "LogicalResourceId", "PhysicalResourceId"),
        *("ResourceStatus", "ResourceStatusReason", "ResourceType", "StackName"),
    )
    stated = {"Namespace": get_account_id(), **{name: event.get(name, "") for name in members}}
    message = "".join(f"{name}='{value}'\n" for name, value in stated.items())
    message += f"ClientRequestToken='{event.get('ClientRequestToken', 'null')}'\n"
    for topic in _topics(stack_id):
        request = {"TopicArn": topic, "Subject": "AWS CloudFormation Notification", "Message": message}
        answer = sns._publish(request)
        if answer[0] >= 400:
            _log.warning("%s: %s is not told: %r", event["StackName"], topic, answer[2])
