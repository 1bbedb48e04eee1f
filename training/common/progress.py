"""Progress lines in the log of a long job; pages/run_log.py has their form."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from pages import run_log
from training.common.metrics import history

SECONDS_BETWEEN_LINES = 2.0


class Progress:
    """Prints the position at most every two seconds, so nothing for shorter work.

    The time left is that of the units since the first advance: a training's first step includes its compilation.
    """

    def __init__(self, unit: str, total: int, clock: Callable[[], float] = time.monotonic, *, done: int = 0) -> None:
        self._unit, self._total, self._clock = unit, total, clock
        self._done, self._printed = done, clock()
        self._measured_from: tuple[int, float] | None = None

    def advance(self, count: int) -> None:
        """Add `count` to the work done."""
        self._done += count
        now = self._clock()
        if self._measured_from is None:
            self._measured_from = self._done, now
        if self._due(now):
            self._printed = now
            print(run_log.progress_line(self._position(now)), flush=True)

    def _due(self, now: float) -> bool:
        return now - self._printed >= SECONDS_BETWEEN_LINES

    def _position(self, now: float) -> run_log.Progress:
        return run_log.Progress(self._unit, self._done, self._total, seconds_left=self._seconds_left(now))

    def _seconds_left(self, now: float) -> float | None:
        first, began = self._measured_from or (self._done, now)
        return (self._total - self._done) * (now - began) / (self._done - first) if self._done > first else None


class TrainingProgress(Progress):
    """The position of a training, with its epoch and its latest metrics.

    The first and the last position are printed in any case.
    """

    def __init__(
        self, step: int, total_steps: int, steps_per_epoch: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__("step", total_steps, clock, done=step)
        self._resumed, self._steps_per_epoch = step, steps_per_epoch
        print(run_log.progress_line(self._position(self._printed)), flush=True)

    def _due(self, now: float) -> bool:
        return super()._due(now) or self._done == self._total

    def _position(self, now: float) -> run_log.Progress:
        return replace(
            super()._position(now),
            epoch=max(1, self._epochs(self._done)),
            epochs=self._epochs(self._total),
            resumed=self._resumed,
            metrics=history.latest(),
        )

    def _epochs(self, steps: int) -> int:
        """The number of epochs that some steps reach into."""
        return -(-steps // self._steps_per_epoch)
