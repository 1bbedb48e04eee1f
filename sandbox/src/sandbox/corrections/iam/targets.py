"""Permissions of rules and schedules: their role's, or the target's resource policy.

Sources: Amazon EventBridge User Guide, "Accessing Amazon EventBridge target resources", "Using resource-based policies
for Amazon EventBridge"; Amazon EventBridge Scheduler User Guide, "Setting up the execution role".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ministack.core.arn import parse_arn
from ministack.services import eventbridge, lambda_svc, sns, sqs, stepfunctions

from sandbox.corrections.iam.gate import Gate
from sandbox.corrections.iam.service_calls import ServiceCall
from sandbox.corrections.iam.undelivered import Undelivered, count
from sandbox.frame.permissions import CannotAssume, Credentials, NotAuthorized, Permission

NAMES = {
    "ministack.services.eventbridge": "_invoke_target",
    "ministack.services.lambda_svc": "_get_func_record_for_ref",
    "ministack.services.sns": "_topic_by_arn_any_scope",
    "ministack.services.sqs": "_queue_by_arn",
    "ministack.services.stepfunctions": "_resolve_state_machine_arn",
}
OVERRIDES = {
    "EventBridge and Scheduler: targets": "a target is called only if its role may, or its resource policy lets the "
    "service in; ministack calls every target"
}

_ACTIONS = {
    "states": "states:StartExecution",
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
}
_WITH_POLICIES = frozenset({"lambda", "sqs", "sns"})
_EXISTS: dict[str, Callable[[str], Any]] = {
    "lambda": lambda arn: lambda_svc._get_func_record_for_ref(arn)[0],
    "sns": sns._topic_by_arn_any_scope,
    "sqs": sqs._queue_by_arn,
    "states": stepfunctions._resolve_state_machine_arn,
}
_logger = logging.getLogger(__name__)


class _NoResource(Exception):
    """A target that does not exist, or no longer."""


Assume = Callable[[str, str, str, str], Credentials]
"""(role, session name, service, source ARN) -> credentials of the role. Raises ``CannotAssume``."""


def install(gate: Gate, assume: Assume) -> None:
    """Check every call of a target; what a rule cannot deliver is reported."""
    invoke = eventbridge._invoke_target

    def invoke_target(target: dict, event: dict, rule: dict, view: Any = None) -> None:
        scheduled = event.get("Source") == "aws.scheduler"
        if not scheduled:
            count(rule, "Invocations")
        try:
            _require_target(target)
            _require_permission(target, rule, "scheduler" if scheduled else "events", gate, assume)
        except (CannotAssume, NotAuthorized, _NoResource) as refusal:
            if scheduled:
                _logger.warning("%s does not call its target %s: %s", rule.get("Arn"), target.get("Arn"), refusal)
            else:
                Undelivered(rule, target, _code(refusal), str(refusal)).report(event, view)
            return
        invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_target


def _require_target(target: dict) -> None:
    """Raise ``_NoResource`` unless the target is there."""
    arn = target.get("Arn", "")
    kind = parse_arn(arn).service
    if kind in _EXISTS and not _EXISTS[kind](arn):
        raise _NoResource(f"{arn} does not exist")


def _require_permission(target: dict, rule: dict, by: str, gate: Gate, assume: Assume) -> None:
    """Raise ``CannotAssume`` or ``NotAuthorized`` unless the rule or schedule may call the target."""
    arn, source = target["Arn"], rule.get("Arn", "")
    kind, service = parse_arn(arn).service, f"{by}.amazonaws.com"
    if role := target.get("RoleArn"):
        credentials = assume(role, source.rpartition("/")[2][:64] or by, service, source)
        gate.demand(credentials.access_key_id, _permissions(arn))
    elif kind in _WITH_POLICIES:
        ServiceCall(service, source).require(_ACTIONS[kind], arn)
    elif kind == "states":
        raise NotAuthorized(f"{service} is not authorized to perform: {_ACTIONS[kind]} on resource: {arn}: no RoleArn")


def _code(refusal: Exception) -> str:
    """EventBridge's code of a refusal."""
    if isinstance(refusal, _NoResource):
        return "NO_RESOURCE"
    return "FAILED_TO_ASSUME_ROLE" if isinstance(refusal, CannotAssume) else "NO_PERMISSIONS"


def _permissions(arn: str) -> list[Permission]:
    action = _ACTIONS.get(parse_arn(arn).service)
    return [Permission(action, arn)] if action else []
