"""Interruptions of a training loop, at a moment that the test chooses."""

from __future__ import annotations

from training.common.interruption import Interruption


class AfterChunks(Interruption):
    """A SIGTERM after a number of chunks."""

    def __init__(self, chunks: float) -> None:
        self._left = chunks

    @property
    def requested(self) -> bool:  # type: ignore[override]
        self._left -= 1
        return self._left < 0
