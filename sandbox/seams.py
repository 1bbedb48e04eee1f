"""Every private name of ministack that the sandbox relies on, and nothing else touches.

ministack is pinned exactly, and ``check`` names at start-up whichever seam a new version moved.
"""

from __future__ import annotations

import contextvars
import hashlib
import importlib
import json
import re
import sys
import threading
import time
import types
from collections.abc import Awaitable, Callable, Iterable
from importlib.metadata import version
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_region
from ministack.services import eventbridge, iam, stepfunctions, sts, tagging
from ministack.services.cloudformation import provisioners, stacks

from sandbox.host import CannotAssume, Credentials, Request, ResourceHandler, Response, TaskFailed, TaskRunner

SUPPORTED_VERSION = "1.5.33"
SEAMS = {
    "ministack.app": "app AUTH SERVICE_REGISTRY SERVICE_HANDLERS _loaded_modules _state_map detect_service "
    "pin_request_origin",
    "ministack.core.router": "SERVICE_PATTERNS",
    "ministack.core.iam_actions": "request_tag_context",
    "ministack.core.iam_evaluator": "EvalContext evaluate_resource_policy is_root_access_key _request_caller_arn",
    "ministack.services.eventbridge": "_put_events",
    "ministack.services.iam": "_roles",
    "ministack.services.sts": "register_session",
    "ministack.services.stepfunctions": "_SERVICE_DISPATCH _ExecutionError _run_execution _stop_execution "
    "_fail_execution _executions _state_machines _invoke_aws_sdk_integration",
    "ministack.services.tagging": "_COLLECTORS",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _REPLACING_PROPERTIES _NAME_SEED",
    "ministack.services.cloudformation.stacks": "_runs_on_worker_thread",
}


def check() -> list[str]:
    """The seams that are not where this module expects them, as sentences; empty when all is well."""
    faults = []
    if version("ministack") != SUPPORTED_VERSION:
        faults.append(f"ministack is {version('ministack')}; the sandbox is written for {SUPPORTED_VERSION}")
    for module, names in SEAMS.items():
        found = importlib.import_module(module)
        faults += [f"{module}.{name} is gone" for name in names.split() if not hasattr(found, name)]
    return faults


# --- services -------------------------------------------------------------------------------------------------------

Handler = Callable[[Request], Awaitable[Response]]


def add_service(name: str, handle: Handler, *, target_prefix: str | None, path: re.Pattern[str] | None) -> None:
    """Route requests by their ``X-Amz-Target`` prefix or by their path to ``handle``."""

    async def handle_request(method: str, path_: str, headers: dict, body: bytes, query: dict) -> tuple:
        response = await handle(Request(method, path_, headers, body or b"", query))
        return response.status, response.headers, response.body

    module = types.ModuleType(f"ministack.services.{name}")
    module.handle_request = handle_request  # type: ignore[attr-defined]
    module.reset = lambda: None  # type: ignore[attr-defined]
    module.get_state = dict  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    app._loaded_modules[name] = module
    app.SERVICE_REGISTRY[name] = {"module": name}
    app.SERVICE_HANDLERS[name] = handle_request
    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target_prefix] if target_prefix else []}
    if path:
        _route_path(path, name)


def _route_path(pattern: re.Pattern[str], name: str) -> None:
    detect = app.detect_service

    def detect_service(method: str, path: str, headers: dict, query: dict) -> str:
        return name if pattern.fullmatch(path) else detect(method, path, headers, query)

    app.detect_service = detect_service


def add_tags(service: str, tags: Callable[[], Iterable[tuple[str, list[dict]]]]) -> None:
    """Show a service's tags (pairs of ARN and tag list) in the Resource Groups Tagging API."""
    tagging._COLLECTORS[service] = tags


# --- CloudFormation -------------------------------------------------------------------------------------------------


def add_resource_type(type_name: str, handler: ResourceHandler) -> None:
    """Let CloudFormation create, update, replace and delete resources of a type; calls run on a worker thread."""

    def refuse_unknown(properties: dict) -> None:
        if unknown := sorted(properties.keys() - handler.properties):
            raise ValueError(f"the sandbox does not implement {', '.join(f'{type_name}.{name}' for name in unknown)}")

    def create(logical_id: str, properties: dict, stack_name: str) -> tuple:
        refuse_unknown(properties)
        return handler.create(logical_id, properties, stack_name)

    def update(physical_id: str, old: dict, new: dict, stack_name: str) -> tuple:
        refuse_unknown(new)
        return handler.update(physical_id, old, new, stack_name)

    provisioners._RESOURCE_HANDLERS[type_name] = {"create": create, "update": update, "delete": handler.delete}
    provisioners._REPLACING_PROPERTIES[type_name] = tuple(handler.replacing)
    blocking = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name == type_name or blocking(name)


# --- Step Functions -------------------------------------------------------------------------------------------------

_aborted: contextvars.ContextVar[threading.Event] = contextvars.ContextVar("aborted")
_role: contextvars.ContextVar[Credentials] = contextvars.ContextVar("role")
_running: dict[str, threading.Event] = {}


def _failing(run: Callable[..., dict], *arguments: Any) -> dict:
    try:
        return run(*arguments)
    except TaskFailed as failure:
        raise stepfunctions._ExecutionError(failure.error, failure.cause) from failure


def add_task(resource_arn: str, run: TaskRunner) -> None:
    """Serve an optimized integration, with and without ``.sync``."""
    stepfunctions._SERVICE_DISPATCH[resource_arn] = lambda resource, arguments: _failing(
        run, resource, arguments, _aborted.get()
    )


def set_sdk_tasks(call: Callable[[str, str, dict, Credentials], dict]) -> None:
    """Serve every ``aws-sdk`` integration by ``call(service, action, arguments, credentials of the role)``."""

    def invoke(resource: str, arguments: dict) -> dict:
        *_, service, action = resource.split(":")
        return _failing(call, service, action, arguments or {}, _role.get())

    stepfunctions._invoke_aws_sdk_integration = invoke


def run_workflows_as_their_roles(assume: Callable[[str, str, str], Credentials]) -> None:
    """Give each execution its role's credentials, and tell its running task when it is aborted."""
    run, stop, fail = stepfunctions._run_execution, stepfunctions._stop_execution, stepfunctions._fail_execution

    def run_execution(execution_arn: str) -> None:
        execution = stepfunctions._executions[execution_arn]
        role_arn = stepfunctions._state_machines[execution["stateMachineArn"]]["roleArn"]
        try:
            _role.set(assume(role_arn, hashlib.sha256(execution_arn.encode()).hexdigest()[:32], "states.amazonaws.com"))
        except CannotAssume as refusal:
            return fail(execution, "States.Runtime", str(refusal))
        _aborted.set(_running.setdefault(execution_arn, threading.Event()))
        try:
            return run(execution_arn)
        finally:
            _running.pop(execution_arn, None)

    def stop_execution(data: dict) -> tuple:
        response = stop(data)
        if event := _running.get(data.get("executionArn", "")):
            event.set()
        return response

    def fail_execution(execution: dict, error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":  # ministack would overwrite ABORTED
            fail(execution, error, cause)

    stepfunctions._run_execution = run_execution
    stepfunctions._stop_execution = stop_execution
    stepfunctions._fail_execution = fail_execution


# --- identity and transport -----------------------------------------------------------------------------------------


def accept_loopback_as_secure() -> None:
    """Policies that demand TLS hold on AWS; nothing travels over a wire on the loopback interface."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, _secure: pin(source_ip, source_ip in ("127.0.0.1", "::1"))


def only_root_is_root(access_key_id: str) -> None:
    """Take away the back doors by which any twelve-digit access key is the root of that account."""

    def is_root(key: str) -> bool:
        return not key or key == access_key_id

    iam_evaluator.is_root_access_key = is_root
    sts.is_root_access_key = is_root


def know_the_release_role() -> None:
    """Supply the condition key ``cloudformation:RoleArn``, without which a policy that demands it never allows."""
    context_of = iam_actions.request_tag_context

    def request_context(service: str, action: str, body: bytes, parameters: dict) -> dict:
        context = context_of(service, action, body, parameters)
        role = parameters.get("RoleARN") if service == "cloudformation" else None
        return {**context, "cloudformation:RoleArn": role[0]} if role else context

    iam_actions.request_tag_context = request_context


class Ministack:
    """What only AWS itself can do, done by ministack."""

    def assume(self, role_arn: str, session_name: str, service: str) -> Credentials:
        """Assume a role as a service principal, its trust policy permitting. Raises ``CannotAssume``."""
        account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        role = iam._roles.get_scoped(account, None, name)
        if role is None or role["Arn"] != role_arn or not self._trusts(role, account, service):
            raise CannotAssume(f"{service} is not authorized to perform: sts:AssumeRole on resource: {role_arn}")
        digest = hashlib.sha256(f"{role_arn} {session_name} {time.time_ns()}".encode()).hexdigest()
        credentials = Credentials("ASIA" + digest[:16].upper(), digest, digest[::-1])
        session = {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}",
            "UserId": f"{role.get('RoleId')}:{session_name}",
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "Expiration": time.time() + 12 * 3600,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
        }
        sts.register_session(credentials.access_key_id, session)
        return credentials

    @staticmethod
    def _trusts(role: dict, account: str, service: str) -> bool:
        context = iam_evaluator.EvalContext(
            principal_arn="",
            principal_type="Service",
            principal_account=account,
            action="sts:AssumeRole",
            resource_arn=role["Arn"],
            region=get_region(),
            service_context={"aws:sourceaccount": account},
        )
        document = role["AssumeRolePolicyDocument"]
        return iam_evaluator.evaluate_resource_policy(document, context, service=service).decision == "Allow"

    def emit(self, detail_type: str, detail: dict, resources: list[str]) -> None:
        """Put an event from ``aws.sagemaker`` on the default bus, which PutEvents refuses to clients."""
        entry = {
            "Source": "aws.sagemaker",
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "Resources": resources,
        }
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


gateway = app.app
"""The ASGI application that serves every API."""
