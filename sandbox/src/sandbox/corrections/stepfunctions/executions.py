"""The end of an execution, which ends its running tasks.

An execution, a task with a timeout, and the branches of a state each have a stop signal, set with the enclosing one.
Waiting code (a `.sync` task, a Wait state) then stops with an error that no Retry or Catch matches.
Source: AWS Step Functions Developer Guide, "Run a Job (.sync)", on when a task is aborted.
"""

from __future__ import annotations

import contextlib
import contextvars
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions.history import STOPPED
from sandbox.machines.stop_signal import StopSignal

NAMES = {
    "ministack.services.stepfunctions": "_run_execution _stop_execution _fail_execution _executions _state_machines "
    "_invoke_resource _invoke_resource_with_timeout _invoke_nested_start_execution_sync "
    "_scaled_sleep _SFN_WAIT_SCALE _add_event "
    "_emit_execution_status_event _ExecutionError _error_matches now_iso",
}
OVERRIDES = {
    "`_stop_execution`, `_fail_execution`": "they end the tasks, branches and nested executions still running, and "
    "what has ended keeps its status; ministack lets them run on, retries and catches included, and gives a failed "
    "execution an output",
    "`_run_execution`": "`TimeoutSeconds` of a state machine ends it as TIMED_OUT; ministack ignores it",
    "`_invoke_resource_with_timeout`": "a task that times out stops its job",
    "`_invoke_nested_start_execution_sync`": "an execution that another one waits for ends with it, as ABORTED",
    "`_scaled_sleep`": "a Wait state and the time before a retry end with what they belong to",
    "`_invoke_resource`, `_error_matches`": "after a stop no task starts, and no error is retried or caught",
}

SIGNAL: contextvars.ContextVar[StopSignal] = contextvars.ContextVar("signal")
_awaited_by: contextvars.ContextVar[StopSignal | None] = contextvars.ContextVar("awaited_by", default=None)
_running: dict[str, StopSignal] = {}


def _stopped() -> Exception:
    """The error of a stopped task or state, which no Retry or Catch matches."""
    return stepfunctions._ExecutionError(STOPPED, "")


def signal() -> StopSignal:
    """The stop signal of the task that this thread runs."""
    return SIGNAL.get(None) or StopSignal()


def install() -> None:
    """Replace ministack's functions that start, end and wait."""
    replace("_run_execution", _run_execution)
    replace("_stop_execution", _stop_execution)
    replace("_fail_execution", _fail_execution)
    replace("_invoke_resource", _invoke_resource)
    replace("_invoke_resource_with_timeout", _invoke_resource_with_timeout)
    replace("_invoke_nested_start_execution_sync", _invoke_nested_start_execution_sync)
    replace("_scaled_sleep", _scaled_sleep)
    replace("_error_matches", _error_matches)


def replace(name: str, wrapper: Callable[..., Any]) -> None:
    """Replace a function of ministack; the wrapper's first argument is the original."""
    original = getattr(stepfunctions, name)
    setattr(stepfunctions, name, lambda *arguments, **named: wrapper(original, *arguments, **named))


def _run_execution(run: Callable, execution_arn: str) -> None:
    execution = stepfunctions._executions[execution_arn]
    parent = _awaited_by.get()
    ending = _running[execution_arn] = StopSignal(parent)
    if parent is not None:
        parent.then(lambda: stepfunctions._stop_execution({"executionArn": execution_arn}))
    try:
        with _timed(execution, ending):
            contextvars.copy_context().run(_run_within, run, execution_arn, ending)
    finally:
        _running.pop(execution_arn, None)
        ending.set()  # after a failure branches still run


def _run_within(run: Callable, execution_arn: str, ending: StopSignal) -> None:
    _awaited_by.set(None)
    SIGNAL.set(ending)
    run(execution_arn)


@contextlib.contextmanager
def _timed(execution: dict, ending: StopSignal) -> Iterator[None]:
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
    try:
        seconds = json.loads(machine.get("definition") or "{}").get("TimeoutSeconds")
    except ValueError:
        seconds = None  # the run itself says so
    if seconds is None:
        yield
        return
    context = contextvars.copy_context()
    timer = threading.Timer(seconds, context.run, (_time_out, execution, ending))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _time_out(execution: dict, ending: StopSignal) -> None:
    if execution["status"] != "RUNNING":
        return
    execution.update(status="TIMED_OUT", error="States.Timeout", stopDate=stepfunctions.now_iso())
    details = {"executionTimedOutEventDetails": {"error": "States.Timeout"}}
    stepfunctions._add_event(execution, "ExecutionTimedOut", details)
    stepfunctions._emit_execution_status_event(execution)
    ending.set()


def _stop_execution(stop: Callable, data: dict) -> tuple:
    response = stop(data)
    if ending := _running.get(data.get("executionArn", "")):
        ending.set()
    return response


def _fail_execution(_: Callable, execution: dict, error: str | None, cause: str | None) -> None:
    if execution["status"] != "RUNNING":  # it was aborted or timed out before
        return
    said = {name: text for name, text in (("error", error), ("cause", cause)) if text is not None}
    stepfunctions._add_event(execution, "ExecutionFailed", {"executionFailedEventDetails": said})
    execution.update(said, status="FAILED", stopDate=stepfunctions.now_iso())
    stepfunctions._emit_execution_status_event(execution)


def _invoke_resource(invoke: Callable, resource: str, arguments: Any) -> Any:
    go_on()
    try:
        return invoke(resource, arguments)
    finally:
        go_on()  # its result is no longer needed


def _invoke_resource_with_timeout(invoke: Callable, resource: str, arguments: Any, timeout: float) -> Any:
    ending = StopSignal(SIGNAL.get(None))
    outer = SIGNAL.set(ending)
    try:
        return invoke(resource, arguments, timeout)
    finally:
        ending.set()  # the task has ended, or it has no time left
        SIGNAL.reset(outer)


def _invoke_nested_start_execution_sync(invoke: Callable, resource: str, arguments: Any) -> dict:
    outer = _awaited_by.set(SIGNAL.get(None))
    try:
        return invoke(resource, arguments)
    finally:
        _awaited_by.reset(outer)


def _scaled_sleep(_: Callable, seconds: float) -> None:
    if signal().wait(seconds * stepfunctions._SFN_WAIT_SCALE):
        raise _stopped()


def go_on() -> None:
    """Raise the error of a stopped task if this thread's is to stop."""
    if signal().is_set():
        raise _stopped()


def _error_matches(matches: Callable, patterns: list, error: str) -> bool:
    return error != STOPPED and matches(patterns, error)
