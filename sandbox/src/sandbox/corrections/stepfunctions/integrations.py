"""Our integrations of Step Functions, and executions with their role's credentials."""

from __future__ import annotations

import contextvars
import hashlib
import json
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections.one_region import require_region
from sandbox.corrections.stepfunctions import executions, history
from sandbox.frame.errors import ValidationException
from sandbox.frame.permissions import CannotAssume, Credentials
from sandbox.frame.workflow_tasks import TaskAttempt, TaskFailed, TaskRunner

NAMES = {
    "ministack.services.stepfunctions": "_SERVICE_DISPATCH _ExecutionError _run_execution _fail_execution _executions "
    "_state_machines _invoke_aws_sdk_integration",
}
OVERRIDES = {
    "`_run_execution`": "an execution runs with the credentials of its state machine's role",
    "`aws-sdk` integrations": "every one is a boto3 call with those credentials, in botocore's shapes and error names",
}

_role: contextvars.ContextVar[Credentials] = contextvars.ContextVar("role")


def role_of_execution() -> Credentials | None:
    """The credentials of this thread's execution, if any."""
    return _role.get(None)


def _failing(run: Callable[..., dict], resource: str, *arguments: Any) -> dict:
    """The result of a task. Our integrations work in the one region of our services."""
    try:
        require_region(resource)
        return run(resource, *arguments)
    except ValidationException as refusal:
        raise stepfunctions._ExecutionError("States.Runtime", str(refusal)) from refusal
    except TaskFailed as failure:
        raise stepfunctions._ExecutionError(failure.error, failure.cause) from failure


def add_task(resource_arn: str, run: TaskRunner) -> None:
    """Add an optimized integration, with and without ``.sync``."""
    stepfunctions._SERVICE_DISPATCH[resource_arn] = lambda resource, arguments: _failing(
        run, resource, _plain(arguments), TaskAttempt(executions.signal(), history.submitted)
    )


def _plain(arguments: dict) -> dict:
    """The arguments in JSON's own types: the lists of a JSONata expression are of a class that no state can keep."""
    return json.loads(json.dumps(arguments))


def set_sdk_tasks(call: Callable[[str, str, dict, Credentials], dict]) -> None:
    """Run every ``aws-sdk`` integration by ``call(service, action, arguments, credentials)``."""

    def invoke(resource: str, arguments: dict) -> dict:
        *_, service, action = resource.split(":")
        return _failing(call, service, action, arguments or {}, _role.get())

    stepfunctions._invoke_aws_sdk_integration = invoke


def run_workflows_as_their_roles(assume: Callable[[str, str, str, str], Credentials]) -> None:
    """Give each execution its role's credentials."""
    run, fail = stepfunctions._run_execution, stepfunctions._fail_execution

    def run_execution(execution_arn: str) -> None:
        execution = stepfunctions._executions[execution_arn]
        machine = stepfunctions._state_machines[execution["stateMachineArn"]]
        role_arn, session = machine["roleArn"], hashlib.sha256(execution_arn.encode()).hexdigest()[:32]
        try:
            credentials = assume(role_arn, session, "states.amazonaws.com", execution["stateMachineArn"])
        except CannotAssume as refusal:
            return fail(execution, "States.Runtime", str(refusal))
        parent = _role.set(credentials)  # a nested execution may run on its parent's thread
        try:
            return run(execution_arn)
        finally:
            _role.reset(parent)

    stepfunctions._run_execution = run_execution
