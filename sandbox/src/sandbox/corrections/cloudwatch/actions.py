"""The actions of an alarm: messages to topics that let CloudWatch publish, and their record in the alarm's history.

Sources: Amazon CloudWatch User Guide, "Notifying users on alarm changes"; AWS re:Post, "Why didn't I receive an SNS
notification for my CloudWatch alarm trigger?" and "How do I use an encrypted SNS topic with CloudWatch alarms?".
"""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudwatch, sns

from sandbox.corrections.iam.service_calls import KeyRefused, ServiceCall
from sandbox.frame.permissions import NotAuthorized

NAMES = {
    "ministack.services.cloudwatch": "_dispatch_alarm_actions _history_entries _is_sns_action_arn _ts_iso",
    "ministack.services.sns": "_fanout _topic_by_arn_any_scope",
}
OVERRIDES = {
    "alarm actions": "a topic gets an alarm's message only if its policy and its key's let CloudWatch in, and the "
    "alarm's history says how each action ended; ministack sends to every topic, and records nothing"
}
_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_CLOUDWATCH = "cloudwatch.amazonaws.com"


def install() -> None:
    """Replace ministack's dispatch of actions."""
    cloudwatch._dispatch_alarm_actions = dispatch


def dispatch(alarm: dict[str, Any], old_state: str, new_state: str, reason: str) -> None:
    """Tell the topics of the new state."""
    if not alarm.get("ActionsEnabled", True):
        return
    for action in alarm.get(_ACTIONS.get(new_state, "")) or []:
        if cloudwatch._is_sns_action_arn(action):
            _publish(alarm, action, _message(alarm, old_state, new_state, reason), f"{new_state}: {_title(alarm)}")


def _publish(alarm: dict[str, Any], topic: str, message: dict[str, Any], subject: str) -> None:
    error, text = _refusal(alarm, topic), json.dumps(message)
    if error is None:
        sns._fanout(topic, new_uuid(), text, subject[:100])
    summary = "Successfully executed action" if error is None else "Failed to execute action"
    data = {
        "actionState": "Succeeded" if error is None else "Failed",
        "notificationResource": topic,
        "publishedMessage": text,
        **({"error": error} if error else {}),
    }
    cloudwatch._history_entries().append(
        {
            "AlarmName": alarm["AlarmName"],
            "AlarmType": "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm",
            "Timestamp": cloudwatch._ts_iso(time.time()),
            "HistoryItemType": "Action",
            "HistorySummary": f"{summary} {topic}" + (f'. Received error: "{error}"' if error else ""),
            "HistoryData": json.dumps(data),
        }
    )


def _refusal(alarm: dict[str, Any], topic: str) -> str | None:
    """CloudWatch's words for what keeps the message from the topic."""
    if sns._topic_by_arn_any_scope(topic) is None:
        return "Topic does not exist"
    arn = f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{alarm['AlarmName']}"
    try:
        ServiceCall(_CLOUDWATCH, arn).require("sns:Publish", topic)
    except KeyRefused:
        return "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."
    except NotAuthorized:
        return (
            f"Resource: {arn} is not authorized to perform: SNS:Publish on resource: {topic} because no "
            "resource-based policy allows the SNS:Publish action"
        )
    return None


def _title(alarm: dict[str, Any]) -> str:
    return f'"{alarm["AlarmName"]}" in {get_region()}'


def _message(alarm: dict[str, Any], old_state: str, new_state: str, reason: str) -> dict[str, Any]:
    copied = ("MetricName", "Namespace", "Unit", "Period", "EvaluationPeriods", "ComparisonOperator", "Threshold")
    return {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": get_account_id(),
        "NewStateValue": new_state,
        "NewStateReason": reason,
        "StateChangeTime": cloudwatch._ts_iso(time.time()),
        "Region": get_region(),
        "OldStateValue": old_state,
        "Trigger": {
            **{name: alarm.get(name) for name in copied},
            **({"Metrics": alarm["Metrics"]} if alarm.get("Metrics") else {}),
            "Statistic": alarm.get("Statistic") or alarm.get("ExtendedStatistic"),
            "Dimensions": alarm.get("Dimensions", []),
        },
    }
