"""The identity of callers: root, roles, and the condition keys of a request."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Sequence

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_region
from ministack.services import eventbridge, iam, sts

from sandbox.corrections import data_plane, stepfunctions
from sandbox.corrections.cloudformation import deploy_role
from sandbox.corrections.iam import vpc_endpoints
from sandbox.corrections.iam.gate import Gate
from sandbox.frame.messages import Request
from sandbox.frame.permissions import CannotAssume, Credentials, Permission

NAMES = {
    "ministack.app": "AUTH",
    "ministack.core.iam_actions": "request_tag_context",
    "ministack.core.iam_evaluator": "EvalContext evaluate_resource_policy is_root_access_key _anonymous "
    "_request_caller_arn",
    "ministack.services.eventbridge": "_put_events",
    "ministack.services.iam": "_roles",
    "ministack.services.sts": "register_session _sessions",
}
OVERRIDES = {
    "`is_root_access_key`": "any twelve-digit access key was root, and every unsigned request; "
    "only the sandbox's own key is, and not for its jobs",
    "condition keys": "`cloudformation:RoleArn` is supplied",
}


def only_root_is_root(access_key_id: str, is_job: Callable[[], bool]) -> None:
    """Close ministack's back doors to root: any twelve-digit key, no key, the root key in a job."""

    def is_root(key: str) -> bool:
        return (not key and not iam_evaluator._anonymous.get()) or (key == access_key_id and not is_job())

    iam_evaluator.is_root_access_key = is_root
    sts.is_root_access_key = is_root


def know_the_release_role() -> None:
    """Supply the condition key ``cloudformation:RoleArn`` for policies that require it."""
    context_of = iam_actions.request_tag_context

    def request_context(service: str, action: str, body: bytes, parameters: dict) -> dict:
        context = context_of(service, action, body, parameters)
        role = parameters.get("RoleARN") if service == "cloudformation" else None
        return {**context, "cloudformation:RoleArn": role[0]} if role else context

    iam_actions.request_tag_context = request_context


def _caller(service: str, source: str) -> str:
    """The user of a role in the access report; jobs are grouped by kind."""
    resource = source.rpartition(":")[2]
    kind, _, name = resource.partition("/")
    return f"{service} {kind if service.startswith('sagemaker') else name or kind}".strip()


class Ministack:
    """The abilities of AWS itself, by ministack."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._deploying: dict[str, Credentials] = {}

    def assume(
        self, role_arn: str, session_name: str, service: str, source: str = "", subnets: Sequence[str] = ()
    ) -> Credentials:
        """Assume a role as a service principal, if its trust policy allows. Raises ``CannotAssume``.

        ``source`` is the source ARN ("The confused deputy problem": trust policies may require it).
        ``subnets`` are those from which the calls come: the policies of their VPC endpoints limit them.
        """
        account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        role = iam._roles.get_scoped(account, None, name)
        if role is None or role["Arn"] != role_arn or not self._trusts(role, account, service, source):
            raise CannotAssume(f"{service} is not authorized to perform: sts:AssumeRole on resource: {role_arn}")
        credentials = Credentials(
            "ASIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30), secrets.token_urlsafe(60)
        )
        session = {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}",
            "UserId": f"{role.get('RoleId')}:{session_name}",
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "Expiration": time.time() + 12 * 3600,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
            "Caller": _caller(service, source),
            vpc_endpoints.SUBNETS: list(subnets),
        }
        sts.register_session(credentials.access_key_id, session)
        return credentials

    def demand(self, credentials: Credentials, permissions: Iterable[Permission]) -> None:
        """Raise ``NotAuthorized`` for the first permission that the credentials' role lacks."""
        self._gate.demand(credentials.access_key_id, permissions)

    def allows(self, request: Request, service: str, action: str, resource: str) -> bool:
        """Decide on a request that goes past the gateway, exactly as the gateway does."""
        return data_plane.allows(request, service, action, resource)

    def acting(self) -> Credentials | None:
        """The credentials of this thread: those of a stack's role, or of an execution's.

        Raises ``CannotAssume``.
        """
        if role := deploy_role.get():
            return self._of_stacks(role)
        return stepfunctions.role_of_execution()

    def role_name(self, credentials: Credentials) -> str:
        """The name of the credentials' role: its session's ARN ends with assumed-role/NAME/SESSION."""
        return sts._sessions[credentials.access_key_id]["Arn"].split("/")[1]

    def _of_stacks(self, role: str) -> Credentials:
        """One session for each role, kept for hours: CloudFormation describes its resources many times."""
        known = self._deploying.get(role)
        session = sts._sessions.get(known.access_key_id) if known else None
        if known is None or session is None or session["Expiration"] - time.time() < 3600:
            known = self._deploying[role] = self.assume(role, "AWSCloudFormation", "cloudformation.amazonaws.com")
        return known

    @staticmethod
    def _trusts(role: dict, account: str, service: str, source: str) -> bool:
        context = iam_evaluator.EvalContext(
            principal_arn="",
            principal_type="Service",
            principal_account=account,
            action="sts:AssumeRole",
            resource_arn=role["Arn"],
            region=get_region(),
            service_context={"aws:sourceaccount": account, "aws:sourcearn": source or None},
        )
        document = role["AssumeRolePolicyDocument"]
        return iam_evaluator.evaluate_resource_policy(document, context, service=service).decision == "Allow"

    def emit(self, source: str, detail_type: str, detail: dict, resources: list[str]) -> None:
        """Put an AWS service's event on the default bus, which PutEvents refuses for clients."""
        entry = {
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "Resources": resources,
        }
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
