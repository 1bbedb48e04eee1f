"""Progress lines in the log of a long job."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS_BETWEEN_LINES = 2.0


class Progress:
    """Prints `what: done of total` at most every two seconds, so nothing for shorter work."""

    def __init__(self, what: str, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._total, self._clock = what, total, clock
        self._done, self._printed = 0, clock()

    def advance(self, count: int) -> None:
        """Add `count` to the work done."""
        self._done += count
        now = self._clock()
        if now - self._printed >= SECONDS_BETWEEN_LINES:
            self._printed = now
            print(f"{self._what}: {self._done} of {self._total}", flush=True)
