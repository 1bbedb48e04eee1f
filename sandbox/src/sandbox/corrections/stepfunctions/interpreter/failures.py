"""Errors of a state, with the place that AWS writes before a cause."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator

from ministack.services import stepfunctions

NAMES = {"ministack.services.stepfunctions": "_ExecutionError"}
OVERRIDES: dict[str, str] = {}

RUNTIME, TIMEOUT = "States.Runtime", "States.Timeout"
HEARTBEAT = "States.HeartbeatTimeout"

_place: contextvars.ContextVar[str] = contextvars.ContextVar("place", default="")


@contextlib.contextmanager
def at(state: str, event: int) -> Iterator[None]:
    """Name a state and its entry's event in the causes of errors inside."""
    outer = _place.set(f"An error occurred while executing the state '{state}' (entered at the event id #{event}). ")
    try:
        yield
    finally:
        _place.reset(outer)


class EvaluationFailed(stepfunctions._ExecutionError):
    """When an expression of a field fails."""

    def __init__(self, cause: str, field: str) -> None:
        super().__init__("States.QueryEvaluationError", _place.get() + cause)
        self.field = field


def failure(cause: str, error: str = RUNTIME) -> Exception:
    """The error of the state that this thread runs. No Retry or Catch matches States.Runtime."""
    return stepfunctions._ExecutionError(error, _place.get() + cause)
