"""The conditions of a benchmark: what other programs do on the machine before it and during it."""

from __future__ import annotations

import os
import statistics
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import psutil

from benchmarks.processor import processor

MOST = 2.0
"""Runnable threads of other programs, on average, up to which a ratio counts."""
MARK = "SLIPWAY_BENCHMARK"
"""The variable that every process of a benchmark inherits, servers too."""
BEFORE_SECONDS, INTERVAL = 2.0, 0.5
NO_RATIO = "no ratio"
PROC = Path("/proc")


@dataclass(frozen=True)
class Load:
    """Runnable threads of other programs, on average."""

    before: float
    during: float

    @property
    def is_low(self) -> bool:
        return max(self.before, self.during) <= MOST


class Conditions:
    """Watches other programs from the start of its block to its end.

    Threads that run or wait for a core are counted, as in the system's load average, but without those of the benchmark
    itself, and without its memory of the last minutes.
    """

    def __init__(self) -> None:
        self.processor = processor()
        self._others, self._ended = _Others(), threading.Event()
        self._found: list[int] = []
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        if not PROC.exists():
            raise SystemExit("A benchmark counts the threads of other programs in /proc: run it on Linux.")
        os.environ[MARK] = str(os.getpid())
        print(f"processor: {self.processor}", flush=True)
        before: list[int] = []
        while len(before) * INTERVAL < BEFORE_SECONDS:
            before.append(self._others.runnable())
            time.sleep(INTERVAL)
        self._before = statistics.mean(before)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL):
            self._found.append(self._others.runnable())

    @cached_property
    def load(self) -> Load:
        """The load of other programs; known after the block."""
        return Load(self._before, statistics.mean(self._found or [0]))

    def times(self, value: float, digits: int = 1) -> str:
        """A ratio as "x4.9"."""
        return f"x{value:.{digits}f}" if self.load.is_low else NO_RATIO

    def percent(self, value: float, digits: int = 0) -> str:
        """A ratio as "49 %"."""
        return f"{value * 100:.{digits}f} %" if self.load.is_low else NO_RATIO


class _Others:
    """The processes that do not belong to this benchmark."""

    def __init__(self) -> None:
        self._ours: dict[tuple[int, float], bool] = {}

    def runnable(self) -> int:
        """The number of their threads that run, or wait for a core."""
        count = 0
        for process in psutil.process_iter():
            if threads := runnable_threads(process.pid):
                count += 0 if self._is_ours(process) else threads
        return count

    def _is_ours(self, process: psutil.Process) -> bool:
        key = (process.pid, process.create_time())
        if key not in self._ours:
            self._ours[key] = process.pid == os.getpid() or is_of_this_benchmark(process)
        return self._ours[key]


def runnable_threads(pid: int) -> int:
    """The threads of a process in the state R. Source: Linux, proc_pid_stat(5)."""
    count = 0
    for path in (PROC / str(pid) / "task").glob("*/stat"):
        try:
            count += path.read_text().rpartition(")")[2].split()[0] == "R"
        except OSError:  # the thread has ended
            continue
    return count


def is_of_this_benchmark(process: psutil.Process) -> bool:
    """Tell if the process, or one that started it, carries this benchmark's mark."""
    mark = str(os.getpid())
    try:
        line = [process, *process.parents()]
        return any(each.pid == os.getpid() or each.environ().get(MARK) == mark for each in line if each.pid > 1)
    except psutil.Error:
        return False
