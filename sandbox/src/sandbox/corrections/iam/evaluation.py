"""Additions to ministack's policy evaluator: policy variables, and the deciding statement."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, EvalResult, ParsedStatement

NAMES = {
    "ministack.core.iam_evaluator": "EvalContext EvalResult ParsedStatement evaluate _first_match "
    "_resolve_condition_key _action_matches _resource_matches parse_policy_document fnmatch_iam fnmatch_iam_cs",
}
OVERRIDES = {
    "IAM: evaluation of policies": "policy variables (${aws:PrincipalTag/team}) are filled in, and the statement "
    "that decided is kept for error messages and for the report on access",
}

Statements = list[ParsedStatement]
_LAYERS = ("an identity-based policy", "a permissions boundary", "a session policy")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Limit(list[Statements]):
    """A limit on identity-based policies that has a name in refusals."""

    def __init__(self, name: str, policies: Sequence[Statements]) -> None:
        super().__init__(policies)
        self.name = name


@dataclasses.dataclass
class Verdict(EvalResult):
    """A decision and its basis."""

    context: EvalContext | None = None
    statement: ParsedStatement | None = None
    """The allowing statement of an identity-based policy, even if another policy denies."""
    layer: int = 0
    """The layer with the deciding Deny or missing Allow: 0 identity-based policies, 1 and more limits on them."""
    layer_name: str = ""
    """The kind of policy of that layer, as refusals call it."""


last: ContextVar[Verdict | None] = ContextVar("last_verdict", default=None)
"""The identity-based verdict of the current check; the gate clears it before each check."""

_match = iam_evaluator._first_match


def first_match(context: EvalContext, statements: Statements, effect: str) -> ParsedStatement | None:
    """The first applicable statement with this effect, with policy variables filled from the context."""
    for statement in statements:
        if statement.effect == effect and _match(context, [_filled(statement, context)], effect):
            return statement
    return None


def evaluate(context: EvalContext, policies: Sequence[Statements], *limits: Sequence[Statements]) -> Verdict:
    """Evaluate as ministack does: any Deny denies, and an Allow counts only within every limit."""
    layers = [[statement for statements in layer for statement in statements] for layer in (policies, *limits)]
    allow = first_match(context, layers[0], "Allow")
    verdict = Verdict("Allow", context.principal_arn, context=context, statement=allow)
    denying = next((n for n, layer in enumerate(layers) if first_match(context, layer, "Deny")), None)
    if denying is not None:
        verdict.decision, verdict.layer = "Deny", denying
    elif allow is None:
        verdict.decision = "ImplicitDeny"
    else:
        narrow = (n for n, layer in enumerate(layers) if n and not first_match(context, layer, "Allow"))
        verdict.layer = next(narrow, 0)
        verdict.decision = "ImplicitDeny" if verdict.layer else "Allow"
    verdict.layer_name = _name(verdict.layer, limits)
    if last.get() is None:
        last.set(verdict)
    return verdict


def _name(layer: int, limits: Sequence[Sequence[Statements]]) -> str:
    limit = limits[layer - 1] if layer else None
    return limit.name if isinstance(limit, Limit) else _LAYERS[min(layer, 2)]


def allows(statement: dict[str, Any], action: str, resource: str, context: dict[str, Any]) -> bool:
    """Tell whether one statement allows a recorded call; ``context`` has its condition keys."""
    recorded = EvalContext(
        principal_arn=context.get("aws:principalarn", ""),
        principal_type="AssumedRole",
        principal_account=context.get("aws:principalaccount", ""),
        action=action,
        resource_arn=resource,
        region=context.get("aws:requestedregion", ""),
        source_ip="127.0.0.1",
        secure_transport=True,
        service_context={"aws:tagkeys": None, **context},
    )
    parsed = iam_evaluator.parse_policy_document({"Statement": [statement]})
    return first_match(recorded, parsed, "Allow") is not None


def is_action(action: str, pattern: str) -> bool:
    """Tell whether a policy's pattern covers an action."""
    return iam_evaluator.fnmatch_iam(action, pattern)


def matched_pattern(statement: ParsedStatement, context: EvalContext) -> str:
    """The part of the statement's Resource that matches a call's resource, as in the policy."""
    filled = _filled(statement, context).resources
    for pattern, value in zip(statement.resources, filled, strict=True):
        if iam_evaluator.fnmatch_iam_cs(context.resource_arn, value):
            return pattern
    return "*"


def _filled(statement: ParsedStatement, context: EvalContext) -> ParsedStatement:
    resources = (*statement.resources, *statement.not_resources)
    if not any("${" in resource for resource in resources) and "${" not in str(statement.conditions):
        return statement
    return dataclasses.replace(
        statement,
        resources=_fill(statement.resources, context),
        not_resources=_fill(statement.not_resources, context),
        conditions=_fill(statement.conditions, context),
    )


def _fill(value: Any, context: EvalContext) -> Any:
    """A copy with variables replaced; one without a value stays, and so matches nothing."""
    if isinstance(value, dict):
        return {key: _fill(item, context) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, context) for item in value]
    return _VARIABLE.sub(lambda found: _value(found, context), value) if isinstance(value, str) else value


def _value(found: re.Match[str], context: EvalContext) -> str:
    key, _, default = found[1].partition(",")
    value = iam_evaluator._resolve_condition_key(key.strip(), context)
    if isinstance(value, (str, int, float)):
        return str(value)
    return default.strip().strip("'") if default else found[0]


def install() -> None:
    iam_evaluator._first_match = first_match
    iam_evaluator.evaluate = evaluate
