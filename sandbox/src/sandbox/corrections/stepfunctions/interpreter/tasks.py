"""The Task state, and its events.

AWS Step Functions Developer Guide, "Task workflow state"; API Reference, "HistoryEvent".
"""

from __future__ import annotations

import json
import re
from typing import Any

from ministack.core.responses import get_region, new_uuid
from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions import history
from sandbox.corrections.stepfunctions.interpreter import callbacks, retries
from sandbox.corrections.stepfunctions.interpreter.failures import HEARTBEAT, TIMEOUT
from sandbox.corrections.stepfunctions.interpreter.flow import flow_of

NAMES = {
    "ministack.services.stepfunctions": "_execute_task _invoke_resource _invoke_resource_with_timeout _ExecutionError "
    "_next_or_end _add_event",
}
OVERRIDES = {
    "`_execute_task`": "the history has the events of AWS for integrations, Lambda functions and activities; "
    "`TimeoutSecondsPath`, `HeartbeatSeconds`, Assign; of these ministack knows a timeout in a number only",
}
_INTEGRATION = re.compile(r"arn:aws:states:::(?P<resourceType>(?:aws-sdk:)?[^:]+):(?P<resource>.+)")
_CALLBACK = ".waitForTaskToken"


def execute_task(state: dict, given: Any, execution: dict, context: dict) -> tuple[Any, str | None]:
    """Run a Task state."""
    flow = flow_of(state, given, context)
    timeout, heartbeat = flow.field("TimeoutSeconds", "integer"), flow.field("HeartbeatSeconds", "integer")

    def attempt() -> tuple[Any, str | None]:
        task = _Attempt(state["Resource"], execution, timeout, heartbeat)
        if task.is_callback:
            context["Task"] = {"Token": new_uuid()}
        result = task.run(flow.arguments(), context)
        return flow.finish(result), stepfunctions._next_or_end(state)

    return retries.run(state, flow, context, attempt)


class _Attempt:
    """One attempt at a task, which writes its events."""

    def __init__(self, resource: str, execution: dict, timeout: int | None, heartbeat: int | None) -> None:
        self._resource = resource
        self._execution = execution
        self._timeout = timeout
        self._heartbeat = heartbeat
        self._named: dict[str, Any] = {}
        if integration := _INTEGRATION.fullmatch(resource):
            self._kind = "Task"
            self._named = integration.groupdict()
        else:
            self._kind = "Activity" if ":activity:" in resource else "LambdaFunction"

    @property
    def is_callback(self) -> bool:
        return self._resource.endswith(_CALLBACK)

    def run(self, arguments: Any, context: dict) -> Any:
        """Return the result of the task, or fail as it does."""
        self._schedule(arguments)
        if self._kind != "Activity":
            self._write("Started", {})
        history.on_submit(self._submitted)
        try:
            result = self._invoke(arguments, context)
        except stepfunctions._ExecutionError as error:
            if error.error == TIMEOUT:
                error.cause = None  # AWS says nothing more
            self._fail(error)
            raise
        self._write("Succeeded", history.data("output", result))
        return result

    def _invoke(self, arguments: Any, context: dict) -> Any:
        wait = callbacks.Wait(started=lambda worker: self._write("Started", {"workerName": worker} if worker else {}))
        wait.timeout, wait.heartbeat = self._timeout or wait.timeout, self._heartbeat
        if self.is_callback:
            return callbacks.call(self._resource, arguments, context["Task"]["Token"], wait, self._submitted)
        if self._kind == "Activity":
            outer = callbacks.WAIT.set(wait)
            try:
                return stepfunctions._invoke_resource(self._resource, arguments)
            finally:
                callbacks.WAIT.reset(outer)
        if self._timeout is None:
            return stepfunctions._invoke_resource(self._resource, arguments)
        return stepfunctions._invoke_resource_with_timeout(self._resource, arguments, self._timeout)

    def _schedule(self, arguments: Any) -> None:
        if self._kind == "Task":
            details = {"region": get_region(), "parameters": json.dumps(arguments, default=str)}
        else:
            details = {"resource": self._resource, **history.data("input", arguments)}
        if self._timeout is not None:
            details["timeoutInSeconds"] = self._timeout
        if self._heartbeat is not None:
            details["heartbeatInSeconds"] = self._heartbeat
        self._write("Scheduled", details)

    def _submitted(self, response: Any) -> None:
        self._write("Submitted", history.data("output", response))

    def _fail(self, error: Any) -> None:
        if error.error == history.STOPPED:
            stepfunctions._add_event(self._execution, "TaskStateAborted")
        elif error.error in (TIMEOUT, HEARTBEAT):
            self._write("TimedOut", {"error": TIMEOUT})
        else:
            self._write("Failed", history.error(error))

    def _write(self, what: str, details: dict[str, Any]) -> None:
        history.write(self._execution, f"{self._kind}{what}", self._named | details)
