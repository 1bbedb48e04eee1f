"""Rules and schedules that would never fire, or never reach their target.

Sources: Amazon EventBridge Scheduler, "Schedule types in EventBridge Scheduler"; Amazon EventBridge, "PutTargets".
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import eventbridge, scheduler

NAMES = {
    "ministack.services.eventbridge": "_validate_schedule_expression _validate_target_arn",
    "ministack.services.scheduler": "_at_time_epoch _create_schedule _error _update_schedule",
}
OVERRIDES = {
    "EventBridge, Scheduler: targets that the sandbox cannot invoke": "ministack keeps them, and writes a log line",
    "Scheduler: expressions and time zones": "ministack keeps any text; an unknown expression never fires, and a time "
    "zone is ignored",
}

Request = dict[str, Any]
Response = tuple[int, dict, bytes]

_INVOKED = ("events", "lambda", "sns", "sqs", "states")
_UTC = frozenset({"UTC", "UCT", "GMT", "Universal", "Zulu", "Greenwich"})


def refuse_what_never_fires() -> None:
    """Check rules' targets and schedules when they are made or changed."""
    validate = eventbridge._validate_target_arn
    create, update = scheduler._create_schedule, scheduler._update_schedule
    eventbridge._validate_target_arn = lambda target: validate(target) or _refused_target(target)
    scheduler._create_schedule = lambda name, body: _refused_schedule(body) or create(name, body)
    scheduler._update_schedule = lambda name, body: _refused_schedule(body) or update(name, body)


def _refused_target(target: Request) -> Response | None:
    fault = _target_fault(str(target.get("Arn", "")))
    return error_response_json("ValidationException", fault, 400) if fault else None


def _refused_schedule(request: Request) -> Response | None:
    fault = _schedule_fault(request)
    return scheduler._error(400, "ValidationException", fault) if fault else None


def _schedule_fault(request: Request) -> str:
    expression = str(request.get("ScheduleExpression", ""))
    if not eventbridge._validate_schedule_expression(expression) and scheduler._at_time_epoch(expression) is None:
        return (
            f"Invalid Schedule Expression {expression}: write rate(5 minutes), cron(0 9 * * ? *) "
            "or at(2030-01-01T09:00:00)"
        )
    zone = str(request.get("ScheduleExpressionTimezone") or "UTC")
    if zone.removeprefix("Etc/") not in _UTC:
        return f"ScheduleExpressionTimezone {zone}: the sandbox fires schedules in UTC only; write the time in UTC"
    return _target_fault(str((request.get("Target") or {}).get("Arn", "")))


def _target_fault(arn: str) -> str:
    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    if not service or service in _INVOKED:
        return ""
    return f"Target {arn}: the sandbox invokes targets of {', '.join(_INVOKED)} only; deliver to one of these"
