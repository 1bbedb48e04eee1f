"""Permissions of rules and schedules: their role's, or the target's resource policy.

Sources: Amazon EventBridge User Guide, "Accessing Amazon EventBridge target resources", "Using resource-based policies
for Amazon EventBridge"; Amazon EventBridge Scheduler User Guide, "Setting up the execution role".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge

from sandbox.corrections.iam.gate import Gate
from sandbox.frame.permissions import CannotAssume, Credentials, NotAuthorized, Permission

NAMES = {
    "ministack.services.eventbridge": "_invoke_target",
    "ministack.core.iam_evaluator": "_resource_policy evaluate_resource_policy EvalContext",
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
_logger = logging.getLogger(__name__)


Assume = Callable[[str, str, str, str], Credentials]
"""(role, session name, service, source ARN) -> credentials of the role. Raises ``CannotAssume``."""


def install(gate: Gate, assume: Assume) -> None:
    """Check every call of a target; a refusal is logged."""
    invoke = eventbridge._invoke_target

    def invoke_target(target: dict, event: dict, rule: dict, view: Any = None) -> None:
        arn, source = target.get("Arn", ""), rule.get("Arn", "")
        by = "scheduler" if event.get("Source") == "aws.scheduler" else "events"
        try:
            if role := target.get("RoleArn"):
                credentials = assume(role, source.rpartition("/")[2][:64] or by, f"{by}.amazonaws.com", source)
                gate.demand(credentials.access_key_id, _permissions(arn))
            else:
                _require_policy(arn, source, f"{by}.amazonaws.com")
        except (CannotAssume, NotAuthorized) as refusal:
            _logger.warning("%s does not call its target %s: %s", source, arn, refusal)
            return
        invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_target


def _permissions(arn: str) -> list[Permission]:
    action = _ACTIONS.get(parse_arn(arn).service)
    return [Permission(action, arn)] if action else []


def _require_policy(arn: str, source: str, service: str) -> None:
    """Raise ``NotAuthorized`` unless the target's resource policy allows the service for this rule."""
    kind = parse_arn(arn).service
    if kind not in _WITH_POLICIES:
        return
    found = iam_evaluator._resource_policy(kind, arn)
    context = iam_evaluator.EvalContext(
        principal_arn="",
        principal_type="Service",
        principal_account=get_account_id(),
        action=_ACTIONS[kind],
        resource_arn=arn,
        region=get_region(),
        secure_transport=True,
        service_context={"aws:sourcearn": source, "aws:sourceaccount": get_account_id()},
    )
    decided = iam_evaluator.evaluate_resource_policy(found[0] if found else None, context, service=service)
    if decided.decision != "Allow":
        raise NotAuthorized(
            f"{service} is not authorized to perform: {_ACTIONS[kind]} on resource: {arn} because no resource-based "
            f"policy allows the {_ACTIONS[kind]} action"
        )
