"""A stop signal that passes from a task to everything that it started."""

from __future__ import annotations

import threading
from collections.abc import Callable


class StopSignal(threading.Event):
    """An event that is set with its parent, and calls functions when it is set."""

    def __init__(self, parent: StopSignal | None = None) -> None:
        super().__init__()
        self._guard = threading.Lock()
        self._followers: list[Callable[[], object]] = []
        if parent is not None:
            parent.then(self.set)

    def then(self, act: Callable[[], object]) -> None:
        """Call a function when the signal is set; at once if it is set already."""
        with self._guard:
            if not self.is_set():
                self._followers.append(act)
                return
        act()

    def set(self) -> None:
        with self._guard:
            super().set()
            followers, self._followers = self._followers, []
        for act in followers:
            act()
