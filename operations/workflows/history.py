"""The states of an execution, read from its event history.

AWS Step Functions API Reference, "HistoryEvent": a state is entered by `<Type>StateEntered` and left by
`<Type>StateExited`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

_ENTERED, _EXITED = "StateEntered", "StateExited"
_FAILURES = {
    "TaskFailed": "taskFailedEventDetails",
    "TaskTimedOut": "taskTimedOutEventDetails",
    "TaskSubmitFailed": "taskSubmitFailedEventDetails",
    "TaskStartFailed": "taskStartFailedEventDetails",
}


@dataclass(frozen=True)
class StateProgress:
    """One state of a workflow: its first entry, its last exit (None while it runs), and how often it was entered.

    `kind` is the state's type (Task, Choice, Wait, ...); `error` is the last error of its task, None once it succeeded.
    """

    name: str
    kind: str
    entered: datetime
    left: datetime | None = None
    visits: int = 1
    error: str | None = None

    @property
    def running(self) -> bool:
        return self.left is None

    def seconds(self, now: datetime) -> float:
        """From the first entry to the last exit, or to now."""
        return ((self.left or now) - self.entered).total_seconds()


def read(events: Iterable[Mapping[str, Any]]) -> tuple[StateProgress, ...]:
    """Read the states, in the order of their first entry, from events in their order."""
    states: dict[str, StateProgress] = {}
    current = ""
    for event in events:
        kind = event["type"]
        if kind.endswith(_ENTERED):
            current = event["stateEnteredEventDetails"]["name"]
            states[current] = _entered(states.get(current), current, kind.removesuffix(_ENTERED), event["timestamp"])
        elif kind.endswith(_EXITED):
            name = event["stateExitedEventDetails"]["name"]
            states[name] = replace(states[name], left=event["timestamp"])
        elif kind in _FAILURES and current:
            details = event.get(_FAILURES[kind], {})
            states[current] = replace(states[current], error=failure(details.get("error"), details.get("cause")))
        elif kind == "TaskSucceeded" and current:
            states[current] = replace(states[current], error=None)
    return tuple(states.values())


def tasks(states: Iterable[StateProgress]) -> tuple[StateProgress, ...]:
    """The states that do work: tasks, and the states that run others; not choices and waits."""
    return tuple(state for state in states if state.kind in {"Task", "Map", "Parallel"})


def running(states: Iterable[StateProgress]) -> tuple[StateProgress, ...]:
    """The current states of the workflow, of every type."""
    return tuple(state for state in states if state.running)


def failure(error: str | None, cause: str | None) -> str:
    """An error's name and cause; for a failed job the cause is its reason."""
    return ": ".join(part for part in (error, _reason(cause)) if part) or "no reason given"


def _reason(cause: str | None) -> str | None:
    """The cause in a sentence: a `.sync` task gives its job's Describe answer as JSON, a function its exception."""
    try:
        job = json.loads(cause or "")
    except ValueError:
        return cause
    if not isinstance(job, dict):
        return cause
    status = next((value for name, value in job.items() if name.endswith("JobStatus")), None)
    # A processing job writes its own sentence as ExitMessage; its FailureReason only points to the log.
    said = (job.get(name) for name in ("ExitMessage", "FailureReason", "SecondaryStatus", "errorMessage"))
    return next(filter(None, said), None) or status or cause


def _entered(before: StateProgress | None, name: str, kind: str, when: datetime) -> StateProgress:
    if before is None:
        return StateProgress(name, kind, when)
    return replace(before, left=None, visits=before.visits + 1)
