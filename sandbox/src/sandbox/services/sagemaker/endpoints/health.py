"""The health check of an instance in service, and its replacement when it fails.

Source: AWS, "Custom Inference Code with Hosting Services": a container answers /ping within 2 seconds. How often it is
asked, and after how many failures it is replaced, AWS does not say.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

EVERY = 5.0  # seconds between two pings
EVERY_WHILE_SICK = 0.5
SICK_SECONDS = 15.0  # of failing pings, before a server that did answer is replaced


@dataclass
class Health:
    """The health of one instance. `ping` asks the server, `replace` ends it; times are in seconds."""

    ping: Callable[[], bool]
    replace: Callable[[], None]
    startup_seconds: float
    every: float = EVERY
    every_while_sick: float = EVERY_WHILE_SICK
    sick_seconds: float = SICK_SECONDS
    healthy: bool = True
    _starting: bool = False

    def doubt(self) -> None:
        """A connection broke: no more requests until the next ping has its answer."""
        self.healthy = False

    def ended(self) -> None:
        """The server is gone: its next one has the time of a start to answer."""
        self.healthy, self._starting = False, True

    def watch(self, stopping: threading.Event) -> None:
        """Ask until the instance stops."""
        since: float | None = None
        due = time.monotonic() + self.every
        while not stopping.wait(self.every_while_sick):
            if self.healthy and time.monotonic() < due:
                continue
            due = time.monotonic() + self.every
            self.healthy = self.ping()
            if self.healthy:
                since, self._starting = None, False
                continue
            since = since or time.monotonic()
            if time.monotonic() - since > (self.startup_seconds if self._starting else self.sick_seconds):
                since, self._starting = None, True
                self.replace()
