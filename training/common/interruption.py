"""SIGTERM: how SageMaker announces the end of a stopped job, or of a spot instance.

Source: AWS, "StopTrainingJob" (SIGTERM, then SIGKILL after 120 seconds) and "Managed Spot Training".
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


class Interruption:
    """Remembers that SIGTERM came; the training loop asks between its chunks of steps, about once a second."""

    def __init__(self) -> None:
        self.requested = False

    @classmethod
    def watch(cls) -> Interruption:
        """Take SIGTERM over. Call it before TensorFlow is imported, which alone takes seconds."""
        interruption = cls()
        signal.signal(signal.SIGTERM, interruption._note)
        return interruption

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Hold SIGTERM back meanwhile and take it over again: TensorFlow takes it when it starts a cluster."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, self._note)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self.requested = True
