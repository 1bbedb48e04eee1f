"""Branches of a Parallel state and iterations of a Map: the first failure ends the others.

Source: AWS Step Functions Developer Guide, "Run a Job (.sync)", on when a task is aborted; "Parallel workflow state".
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from sandbox.corrections.stepfunctions.executions import SIGNAL, replace, signal
from sandbox.machines.stop_signal import StopSignal

NAMES = {"ministack.services.stepfunctions": "_run_parallel_branches _run_map_items _run_sub_machine"}
OVERRIDES = {
    "`_run_parallel_branches`, `_run_map_items`, `_run_sub_machine`": "the first failure ends the other branches, and "
    "is the failure of the state; ministack waits for all of them and reports the failure of the first branch",
}


class _Group:
    """The concurrent branches of one state."""

    def __init__(self, around: StopSignal) -> None:
        self.signal = StopSignal(around)
        self._lock = threading.Lock()
        self._first: Exception | None = None

    def failure(self, error: Exception) -> Exception:
        """End the others. Returns the failure of the whole group, the first one."""
        with self._lock:
            self._first = self._first or error
        self.signal.set()
        return self._first


_group: contextvars.ContextVar[_Group | None] = contextvars.ContextVar("group", default=None)


def install() -> None:
    """Replace ministack's functions that run branches."""
    replace("_run_parallel_branches", _run_parallel_branches)
    replace("_run_map_items", _run_map_items)
    replace("_run_sub_machine", _run_sub_machine)


def _run_parallel_branches(run: Callable, *arguments: Any) -> Any:
    return _together(_Group(signal()), run, *arguments)


def _run_map_items(run: Callable, state: dict, *arguments: Any) -> Any:
    processor = state.get("Iterator") or state.get("ItemProcessor", {})
    distributed = (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
    group = None if distributed else _Group(signal())  # a distributed Map may tolerate failures
    return _together(group, run, state, *arguments)


def _together(group: _Group | None, run: Callable, *arguments: Any) -> Any:
    outer_group, outer_signal = _group.set(group), SIGNAL.set(group.signal if group else signal())
    try:
        return run(*arguments)
    finally:
        SIGNAL.reset(outer_signal)
        _group.reset(outer_group)


def _run_sub_machine(run: Callable, *arguments: Any) -> Any:
    group = _group.get()
    try:
        return run(*arguments)
    except Exception as error:
        if group is None:
            raise
        raise group.failure(error) from None
