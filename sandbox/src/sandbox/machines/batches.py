"""Items on their way to an AWS service, in batches: regularly, and once more at the end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class Batches(Generic[T]):
    """Sends at most `most` items at once, every `interval` seconds. A batch that is refused is lost, and logged.

    `title` names the items in the log: "metrics of my-job".
    """

    def __init__(self, send: Callable[[list[T]], object], most: int, interval: float, title: str) -> None:
        self._deliver, self._most, self._interval, self._title = send, most, interval, title
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._waiting: list[T] = []
        self._closed = threading.Event()

    def start(self) -> None:
        """Send regularly, until `close`."""
        threading.Thread(target=self._send_regularly, name=self._title, daemon=True).start()

    def add(self, item: T) -> None:
        """Keep an item for the next batch."""
        with self._lock:
            self._waiting.append(item)

    def close(self) -> None:
        """Send what is left."""
        self._closed.set()
        self._send()

    def _send_regularly(self) -> None:
        while not self._closed.wait(self._interval):
            self._send()

    def _send(self) -> None:
        with self._sending:  # one sender at a time keeps the items in order
            with self._lock:
                items, self._waiting = self._waiting, []
            for start in range(0, len(items), self._most):
                try:
                    self._deliver(items[start : start + self._most])
                except (ClientError, BotoCoreError):
                    _logger.exception("%s are lost", self._title)
