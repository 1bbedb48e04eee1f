"""A request to end, which reaches everything that was started on behalf of what is to end."""

from __future__ import annotations

import threading
from collections.abc import Callable


class StopSignal(threading.Event):
    """An event that is set with its parent, and tells others when it is."""

    def __init__(self, parent: StopSignal | None = None) -> None:
        super().__init__()
        self._guard = threading.Lock()
        self._followers: list[Callable[[], object]] = []
        if parent is not None:
            parent.then(self.set)

    def then(self, act: Callable[[], object]) -> None:
        """Call this when the signal is set; at once if it is."""
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
