"""Branches of a Parallel state and iterations of a Map: the first failure ends the others.

AWS Step Functions Developer Guide, "Parallel workflow state"; "Run a Job (.sync)", on when a task is aborted.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from sandbox.corrections.stepfunctions import executions, history
from sandbox.machines.stop_signal import StopSignal

NAMES = {"ministack.services.stepfunctions": "_run_parallel_branches _run_map_items"}
OVERRIDES = {
    "`_run_parallel_branches`, `_run_map_items`": "the first failure ends the others, and is the failure of the "
    "state; ministack waits for all of them and reports the failure of the first branch",
}


def run_all(execution: dict[str, Any], jobs: Sequence[Callable[[], Any]], at_once: int) -> list[Any]:
    """Run jobs, so many at once, and return their results in order. Raises the first failure."""
    group, lock = StopSignal(executions.signal()), threading.Lock()
    failures: list[tuple[Exception, int]] = []

    def run(job: Callable[[], Any]) -> Any:
        executions.SIGNAL.set(group)
        if at_once > 1:
            history.branch()
        try:
            executions.go_on()
            return job()
        except Exception as error:
            with lock:
                failures.append((error, history.previous()))
            group.set()
            return None

    with ThreadPoolExecutor(max_workers=max(1, at_once)) as pool:
        futures = [pool.submit(contextvars.copy_context().run, run, job) for job in jobs]
        wait(futures)
    if failures:
        error, last = failures[0]
        history.continue_after(last)
        raise error
    history.continue_after(len(execution["events"]))
    return [future.result() for future in futures]
