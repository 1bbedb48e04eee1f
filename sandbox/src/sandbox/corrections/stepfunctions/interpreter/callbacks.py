"""Tasks that wait for a token: `.waitForTaskToken` and activities, with TimeoutSeconds and HeartbeatSeconds.

AWS Step Functions Developer Guide, "Wait for a Callback with Task Token", "Learn about Activities in Step Functions":
of an activity both times begin when a worker gets the task.
"""

from __future__ import annotations

import contextvars
import json
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions import executions
from sandbox.corrections.stepfunctions.interpreter.failures import HEARTBEAT, TIMEOUT, failure

NAMES = {
    "ministack.services.stepfunctions": "_task_tokens _activities _activity_tasks _invoke_activity _get_activity_task "
    "_invoke_resource _ExecutionError",
}
OVERRIDES = {
    "`_invoke_activity`, `_invoke_with_callback`": "a task without heartbeats fails, and one that waits for its token "
    "ends with its execution; ministack drops HeartbeatSeconds and waits on",
    "`_get_activity_task`": "the history has ActivityStarted; an activity's TimeoutSeconds, which ministack drops",
}
_LONGEST = 99_999_999
"""The default of TimeoutSeconds."""


@dataclass
class Wait:
    """The limits of a task's wait for its token, and what starts them."""

    timeout: int = _LONGEST
    heartbeat: int | None = None
    started: Callable[[str | None], None] = lambda _: None
    begun: threading.Event = field(default_factory=threading.Event)


WAIT: contextvars.ContextVar[Wait] = contextvars.ContextVar("wait")


def call(resource: str, arguments: Any, token: str, wait: Wait, submitted: Callable[[Any], None]) -> Any:
    """Call a service with a token in its arguments, and wait for what comes back."""
    done = _register(token, wait)
    try:
        submitted(stepfunctions._invoke_resource(resource.removesuffix(".waitForTaskToken"), arguments))
        wait.begun.set()
        return _outcome(token, wait, done)
    finally:
        stepfunctions._task_tokens.pop(token, None)


def invoke_activity(arn: str, arguments: Any) -> Any:
    """Offer a task to the workers of an activity, and wait for what comes back."""
    if arn not in stepfunctions._activities:
        raise failure(f"The activity {arn} does not exist.")
    token, wait = new_uuid(), WAIT.get(Wait())
    done = _register(token, wait)
    task = {"taskToken": token, "input": json.dumps(arguments)}
    stepfunctions._activity_tasks[arn].append(task)
    try:
        return _outcome(token, wait, done)
    finally:
        stepfunctions._task_tokens.pop(token, None)
        if task in stepfunctions._activity_tasks[arn]:
            stepfunctions._activity_tasks[arn].remove(task)


def get_activity_task(get: Callable[[dict], Awaitable[tuple]]) -> Callable[[dict], Awaitable[tuple]]:
    """Say to a task that a worker has it."""

    async def get_activity_task(data: dict) -> tuple:
        response = await get(data)
        token = json.loads(response[2] or "{}").get("taskToken")
        if token in stepfunctions._task_tokens:
            wait = stepfunctions._task_tokens[token]["wait"]
            wait.started(data.get("workerName"))
            wait.begun.set()
        return response

    return get_activity_task


def _register(token: str, wait: Wait) -> threading.Event:
    done = threading.Event()
    stepfunctions._task_tokens[token] = {"event": done, "result": None, "error": None, "heartbeat": None, "wait": wait}
    executions.signal().then(done.set)
    executions.signal().then(wait.begun.set)
    return done


def _outcome(token: str, wait: Wait, done: threading.Event) -> Any:
    wait.begun.wait()
    info, begun = stepfunctions._task_tokens[token], time.monotonic()
    while not done.wait(min(_left(info, wait, begun).values())):
        over = [error for error, seconds in _left(info, wait, begun).items() if seconds <= 0]
        if over:
            raise stepfunctions._ExecutionError(over[0], None)
    executions.go_on()
    if info["error"]:
        raise stepfunctions._ExecutionError(info["error"]["Error"], info["error"]["Cause"])
    try:
        return json.loads(info["result"])
    except ValueError:
        return info["result"]


def _left(info: dict, wait: Wait, begun: float) -> dict[str, float]:
    """The seconds until each of the errors."""
    passed = time.monotonic() - begun
    left = {TIMEOUT: wait.timeout - passed}
    if wait.heartbeat is not None:
        left[HEARTBEAT] = wait.heartbeat - min(passed, _seconds_since(info["heartbeat"], passed))
    return left


def _seconds_since(heartbeat: str | None, otherwise: float) -> float:
    if heartbeat is None:
        return otherwise
    return (datetime.now(UTC) - datetime.fromisoformat(heartbeat)).total_seconds()
