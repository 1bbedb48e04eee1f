"""The thread that saves the sandbox's state shortly after each change."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.state.snapshot import Snapshot, dump

_PAUSE = 0.25  # seconds from a change to its save: the most that a kill -9 loses
_REGULARLY = 3.0  # seconds between saves of changes without a request (alarms, metrics, running workflows)
_SHARE = 0.1  # the largest share of a processor for saving

_logger = logging.getLogger(__name__)

Collect = Callable[[], Mapping[str, Any]]


class Saver:
    """One thread that collects the state and writes its changed parts."""

    def __init__(self, snapshot: Snapshot, collect: Collect) -> None:
        self._snapshot = snapshot
        self._collect = collect
        self._changed = threading.Event()
        self._closed = threading.Event()
        self._unsaved: set[str] = set()
        self._thread = threading.Thread(target=self._save_regularly, name="state", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def changed(self) -> None:
        """Save soon. Cheap enough to call at every request."""
        self._changed.set()

    def close(self) -> None:
        """Save for the last time."""
        self._closed.set()
        self._changed.set()
        self._thread.join()
        self._save()

    def _save_regularly(self) -> None:
        while not self._closed.is_set():
            self._changed.wait(_REGULARLY)
            self._changed.clear()
            began = time.thread_time()  # CPU time: by the clock, a kill on a busy machine would lose seconds
            self._save()
            self._closed.wait(max(_PAUSE, (time.thread_time() - began) / _SHARE))

    def _save(self) -> None:
        try:
            self._snapshot.save({name: self._dumped(name, value) for name, value in self._collect().items()})
        except Exception:  # a full disk must not end the sandbox; the next change tries again
            _logger.exception("The state is not saved")

    def _dumped(self, name: str, value: Any) -> bytes | None:
        try:
            return dump(value)
        except (pickle.PicklingError, TypeError) as error:
            if name not in self._unsaved:
                _logger.error("The state of %s will not survive the sandbox's end: %s", name, error)
            self._unsaved.add(name)
            return None
