"""The gate for every check of a permission: decided, recorded, and explained in AWS's words.

Source: AWS Identity and Access Management User Guide, "Troubleshoot access denied error messages".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import AuthError, EvalContext, EvalResult, PrincipalInfo
from ministack.core.responses import get_account_id, get_region
from ministack.services import sts, tagging

from sandbox.corrections.iam import evaluation
from sandbox.corrections.iam.access_record import AccessRecord, Use
from sandbox.corrections.iam.evaluation import Verdict
from sandbox.frame.permissions import NotAuthorized, Permission

NAMES = {
    "ministack.core.iam_evaluator": "enforce _anonymous resolve_principal combine_resource_policy _resource_policy "
    "_POLICY_REQUIRED AuthError EvalResult PrincipalInfo",
    "ministack.services.sts": "_sessions",
    "ministack.services.tagging": "resource_tags",
}
OVERRIDES = {
    "IAM: the check of a request": "what a call demands beyond its own action is checked as well (PassRole, tags on "
    "creation, the KMS key of an encrypted object, further resources), and each check is recorded by role",
}

Demands = Callable[[str, str, str], Iterable[Permission]]
"""(service, action, resource) of the current request -> further permissions that it requires."""

refusal: ContextVar[str] = ContextVar("refusal", default="")
"""The sentence of the last refusal in this request, for the response written elsewhere."""


class Gate:
    """The decision on permissions, with a record."""

    def __init__(self, record: AccessRecord) -> None:
        self._record = record

    def install(self, demands: Demands) -> None:
        """Replace ministack's check of requests."""
        checked = iam_evaluator.enforce

        def enforce(key: str, action: str, service: str, *where: str, **more: Any) -> EvalResult | AuthError | None:
            evaluation.last.set(None)
            refusal.set("")
            denied = checked(key, action, service, *where, **more)
            verdict = evaluation.last.get()
            if isinstance(denied, AuthError) and iam_evaluator._anonymous.get():
                return AuthError("MissingAuthenticationToken", "Request is missing Authentication Token")
            if isinstance(denied, AuthError) or verdict is None:  # no credentials; or root, which may do everything
                return denied
            self._note(key, verdict, refused=denied is not None)
            if denied is None:
                return self._further(key, demands(service, action, more.get("resource_arn", "*")))
            refusal.set(_sentence(verdict, denied))
            return denied

        iam_evaluator.enforce = enforce

    def demand(self, access_key_id: str, permissions: Iterable[Permission]) -> None:
        """Check permissions of a key's principal, outside any request. Raises ``NotAuthorized``."""
        principal = iam_evaluator.resolve_principal(access_key_id, get_account_id())
        if isinstance(principal, AuthError):
            raise NotAuthorized(principal.message)
        if principal.policies is None:
            return
        for permission in permissions:
            context = _context(principal, permission)
            identity = evaluation.evaluate(context, principal.policies, *principal.limits)
            result = _with_resource_policy(identity, context, principal.limits)
            refused = result.decision != "Allow"
            self._note(access_key_id, identity, refused=refused)
            if refused:
                raise NotAuthorized(_sentence(identity, result))

    def _further(self, access_key_id: str, permissions: Iterable[Permission]) -> EvalResult | None:
        try:
            self.demand(access_key_id, permissions)
        except NotAuthorized as missing:
            refusal.set(str(missing))
            return EvalResult("ImplicitDeny", sts._sessions.get(access_key_id, {}).get("Arn", ""))
        return None

    def _note(self, access_key_id: str, verdict: Verdict, *, refused: bool) -> None:
        context, statement = verdict.context, verdict.statement
        if context is None or ":assumed-role/" not in context.principal_arn:
            return
        _, role, session_name = context.principal_arn.split("/", 2)
        session = sts._sessions.get(access_key_id, {})
        use = Use(
            role=role,
            action=context.action,
            pattern=evaluation.matched_pattern(statement, context) if statement else context.resource_arn,
            caller=session.get("Caller") or f"session {session_name}",
            refused=refused,
            resource=context.resource_arn,
            context=_recorded(context),
            condition=str(statement.conditions) if statement and statement.conditions else "",
        )
        self._record.note(use)


def _context(principal: PrincipalInfo, permission: Permission) -> EvalContext:
    return EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=permission.action,
        resource_arn=permission.resource,
        region=get_region(),
        secure_transport=True,
        service_context=_condition_keys(permission),
        principal_keys=principal.keys,
    )


def _condition_keys(permission: Permission) -> dict[str, Any]:
    keys: dict[str, Any] = {"aws:tagkeys": None}
    keys |= {f"aws:resourcetag/{name}".lower(): value for name, value in _tags(permission.resource).items()}
    return keys | {name.lower(): value for name, value in permission.context.items()}


def _tags(resource: str) -> Mapping[str, str]:
    return tagging.resource_tags(resource) or {}


def _with_resource_policy(identity: EvalResult, context: EvalContext, limits: Any) -> EvalResult:
    service = context.action.partition(":")[0]
    found = iam_evaluator._resource_policy(service, context.resource_arn)
    if found is None:
        return identity
    required = service in iam_evaluator._POLICY_REQUIRED
    return iam_evaluator.combine_resource_policy(identity, context, *found, required=required, limits=limits)


def _sentence(identity: Verdict, result: EvalResult) -> str:
    context = identity.context
    assert context is not None
    action, resource = context.action, context.resource_arn
    return (
        f"User: {context.principal_arn} is not authorized to perform: {action} on resource: {resource} "
        f"{_reason(identity, result, action)}"
    )


def _reason(identity: Verdict, result: EvalResult, action: str) -> str:
    layer = identity.layer_name
    if result.resource_policy_arn:
        return "with an explicit deny in a resource-based policy"
    if identity.decision == "Deny":
        return f"with an explicit deny in {layer}"
    if identity.decision == "Allow":
        return f"because no resource-based policy allows the {action} action"
    return f"because no {layer.partition(' ')[2]} allows the {action} action"


def _recorded(context: EvalContext) -> dict[str, Any]:
    """The condition keys needed to decide the same call again."""
    given = {key: value for key, value in context.service_context.items() if value is not None}
    return {
        "aws:principalaccount": context.principal_account,
        "aws:requestedregion": context.region,
        **{key: value for key, value in context.principal_keys.items() if key.startswith("aws:principaltag/")},
        **given,
    }
