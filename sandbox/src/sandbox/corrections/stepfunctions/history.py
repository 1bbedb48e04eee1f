"""The events of tasks in an execution's history, as on AWS.

Source: AWS Step Functions API Reference, "HistoryEvent".
"""

from __future__ import annotations

import contextvars
import json
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from sandbox.frame.host import REGION

NAMES = {"ministack.services.stepfunctions": "_execute_task _invoke_resource _add_event"}
OVERRIDES = {
    "`_add_event`, `_execute_task`, `_invoke_resource`": "the history has TaskStarted, TaskSubmitted, TaskTimedOut and "
    "TaskStateAborted, and a task's service, action and parameters; nothing follows the end of an execution",
}
STOPPED = "Sandbox.Stopped"
"""The error of a task that ended with its execution or state."""

_execution: contextvars.ContextVar[dict] = contextvars.ContextVar("execution")
_task: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("task")
_PREFIX = "arn:aws:states:::"


def install() -> None:
    """Replace ministack's functions that write the history."""
    execute, invoke, add = stepfunctions._execute_task, stepfunctions._invoke_resource, stepfunctions._add_event

    def execute_task(state: dict, given: Any, execution: dict, context: dict) -> Any:
        _execution.set(execution)
        return execute(state, given, execution, context)

    def invoke_resource(resource: str, arguments: Any) -> Any:
        task = _task.get(None)  # TestState has no history
        if task is not None and resource.startswith(_PREFIX):
            task.update(region=REGION, parameters=json.dumps(arguments))
            _write("TaskStarted", _named(task))
        return invoke(resource, arguments)

    def add_event(execution: dict, kind: str, details: dict | None = None) -> dict:
        return _add(add, execution, kind, details or {})

    stepfunctions._execute_task = execute_task
    stepfunctions._invoke_resource = invoke_resource
    stepfunctions._add_event = add_event


def submitted(response: dict) -> None:
    """Write that the job of a `.sync` task was accepted, with the service's answer."""
    task = _task.get(None)
    if task is not None:
        _write("TaskSubmitted", _named(task) | {"output": json.dumps(response, default=str)})


def _write(kind: str, task: dict[str, str]) -> None:
    stepfunctions._add_event(_execution.get(), kind, {f"t{kind[1:]}EventDetails": task})


def _add(add: Callable[..., dict], execution: dict, kind: str, details: dict[str, dict[str, str]]) -> dict:
    """Add an event with service and action of the task, unless the execution has ended."""
    if execution["status"] != "RUNNING" and not kind.startswith("Execution"):
        return {}
    task = next(iter(details.values()), {})
    if not kind.startswith("Task") or not task.get("resource", "").startswith(_PREFIX):
        return add(execution, kind, details)
    service, _, action = task["resource"].removeprefix(_PREFIX).partition(":")
    task |= {"resourceType": service, "resource": action}
    if kind == "TaskScheduled":
        _task.set(task)
    if kind == "TaskFailed" and task["error"] == STOPPED:
        return add(execution, "TaskStateAborted")
    if kind == "TaskFailed" and task["error"] == "States.Timeout":
        return add(execution, "TaskTimedOut", {"taskTimedOutEventDetails": task})
    return add(execution, kind, details)


def _named(task: dict[str, str]) -> dict[str, str]:
    return {name: task[name] for name in ("resourceType", "resource")}
