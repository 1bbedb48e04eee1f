"""AWS::Scheduler::Schedule and AWS::Events::Rule by the checks of their services' own operations.

Sources: Amazon EventBridge Scheduler, "CreateSchedule"; Amazon EventBridge, "PutRule", "PutTargets".
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services import eventbridge, scheduler
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.resources.answers import answered
from sandbox.corrections.cloudformation.resources.resource_checks import check_creation

NAMES = {
    "ministack.services.scheduler": "_create_schedule _delete_schedule _update_schedule",
    "ministack.services.eventbridge": "_event_buses _event_pattern_error _invalid_event_pattern "
    "_validate_schedule_expression _validate_target_arn",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _eb_rule_bus_name _physical_name",
}
OVERRIDES = {
    "AWS::Events::Rule": "ministack makes a stack's rule without PutRule's checks, so that it may never fire",
    "AWS::Scheduler::Schedule": "ministack drops start, end, time zone and key, and takes over another's name",
}

Properties = dict[str, Any]

_MEMBERS = (
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "KmsKeyArn",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
)


def schedule_as_aws_does() -> None:
    """Check rules, and make schedules by the service's own operations."""
    check_creation("AWS::Events::Rule", _check_rule)
    provisioners._RESOURCE_HANDLERS["AWS::Scheduler::Schedule"].update(create=_create, update=_update, delete=_delete)


def _check_rule(properties: Properties) -> None:
    """Refuse what PutRule and PutTargets refuse; ministack updates a rule by these anyway."""
    bus = provisioners._eb_rule_bus_name(properties)
    if bus != "default" and bus not in eventbridge._event_buses:
        raise ValueError(f"Event bus {bus} does not exist.")
    expression = properties.get("ScheduleExpression", "")
    if not eventbridge._validate_schedule_expression(expression):
        raise ValueError(
            f"Parameter ScheduleExpression is not valid: {expression}; write rate(5 minutes) or cron(0 9 * * ? *)"
        )
    pattern = properties.get("EventPattern", "")
    if fault := eventbridge._event_pattern_error(json.dumps(pattern) if isinstance(pattern, dict) else pattern):
        answered(eventbridge._invalid_event_pattern(fault))
    for target in properties.get("Targets", []):
        if refused := eventbridge._validate_target_arn(target):
            answered(refused)


def _create(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Properties]:
    name = properties.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=64)
    return name, {"Arn": answered(scheduler._create_schedule(name, _request(properties)))["ScheduleArn"]}


def _update(name: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Properties]:
    return name, {"Arn": answered(scheduler._update_schedule(name, _request(new)))["ScheduleArn"]}


def _delete(name: str, properties: Properties) -> None:
    scheduler._delete_schedule(name, {"groupName": properties.get("GroupName", "default")})


def _request(properties: Properties) -> Properties:
    return {name: properties[name] for name in _MEMBERS if name in properties}
