"""The events of an execution's history, as on AWS: each has the id of the one before it in its branch.

Source: AWS Step Functions API Reference, "HistoryEvent"; localstack's snapshots hold recorded histories. An event of
`_ASIDE` is followed by what would follow the one before it.
"""

from __future__ import annotations

import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

NAMES = {"ministack.services.stepfunctions": "_add_event"}
OVERRIDES = {
    "`_add_event`": "each event has its `previousEventId`; nothing follows the end of an execution",
}
STOPPED = "Sandbox.Stopped"
"""The error of a task that ended with its execution or state."""

_ASIDE = frozenset({"MapIterationSucceeded", "MapIterationFailed", "MapIterationAborted", "MapStateSucceeded"}) | {
    "ParallelStateSucceeded"
}
_ENDINGS = frozenset({"ExecutionAborted", "ExecutionTimedOut"})
_lock = threading.Lock()


class _Branch:
    """The last event of a branch, which the next one names."""

    def __init__(self, previous: int = 0) -> None:
        self.previous = previous


_branch: contextvars.ContextVar[_Branch] = contextvars.ContextVar("branch")
_submit: contextvars.ContextVar[Callable[[dict], None]] = contextvars.ContextVar("submit")


def install() -> None:
    """Replace ministack's function that writes an event."""
    add = stepfunctions._add_event

    def add_event(execution: dict, kind: str, details: dict | None = None) -> dict:
        return _add(add, execution, kind, details)

    stepfunctions._add_event = add_event


def start(execution: dict) -> None:
    """Begin the history of this thread's execution after its first event."""
    _branch.set(_Branch())
    first = execution["events"][0]
    first["previousEventId"] = 0
    first["executionStartedEventDetails"]["inputDetails"] = {"truncated": False}


def begin(execution: dict, role: str) -> None:
    """Begin the history of a child execution."""
    _branch.set(_Branch())
    details = {"input": execution["input"], "inputDetails": {"truncated": False}, "roleArn": role}
    write(execution, "ExecutionStarted", details)
    _branch.set(_Branch())


def branch() -> None:
    """Let this thread's events follow each other from here on."""
    _branch.set(_Branch(previous()))


def previous() -> int:
    """The id of the last event of this thread's branch."""
    return _branch.get().previous


def continue_after(event: int) -> None:
    """Let the next event follow one of a branch that has ended."""
    _branch.get().previous = event


def write(execution: dict, kind: str, details: dict[str, Any] | None = None) -> int:
    """Write an event. Returns its id, 0 where the execution has ended."""
    common = next((name for name in ("StateEntered", "StateExited") if kind.endswith(name)), kind)
    member = f"{common[0].lower()}{common[1:]}EventDetails"
    return stepfunctions._add_event(execution, kind, None if details is None else {member: details}).get("id", 0)


def data(name: str, value: Any) -> dict[str, Any]:
    """The members of an event for an input or an output."""
    return {name: json.dumps(value, default=str), f"{name}Details": {"truncated": False}}


def error(failure: Any) -> dict[str, str]:
    """The members of an event for an error; each may be absent."""
    return {name: text for name in ("error", "cause") if (text := getattr(failure, name)) is not None}


def give_up(execution: dict, kind: str, failure: Any) -> None:
    """Write that a Parallel or Map state has failed, or was stopped."""
    write(execution, f"{kind}State{'Aborted' if failure.error == STOPPED else 'Failed'}")


def on_submit(act: Callable[[dict], None]) -> None:
    """Say what this thread's task does when its job is accepted."""
    _submit.set(act)


def submitted(response: dict) -> None:
    """Write that the job of a `.sync` task was accepted, with the service's answer."""
    if act := _submit.get(None):  # TestState has no history
        act(response)


def _add(add: Callable[..., dict], execution: dict, kind: str, details: dict | None) -> dict:
    if execution["status"] != "RUNNING" and not kind.startswith("Execution"):
        return {}
    here = _branch.get(None) or _Branch()
    with _lock:
        event = add(execution, kind, details)
    event["previousEventId"] = 0 if kind in _ENDINGS else here.previous
    if kind not in _ASIDE:
        here.previous = event["id"]
    return event
