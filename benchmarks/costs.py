"""The cost of a command that a person waits for."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and CPU seconds of the processes that take part."""

    wall: float
    cpu: float


def of_ended_children() -> float:
    """The CPU seconds of the child processes that have ended, with all of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cost_of(run: Callable[[], None], cpu: Callable[[], float] = of_ended_children) -> Cost:
    """Run once."""
    began, before = time.perf_counter(), cpu()
    run()
    return Cost(time.perf_counter() - began, cpu() - before)


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(statistics.median(each.wall for each in costs), statistics.median(each.cpu for each in costs))
