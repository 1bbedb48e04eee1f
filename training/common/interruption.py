"""SIGTERM, by which SageMaker announces the end of a stopped job or a spot instance.

Source: AWS, "StopTrainingJob" (SIGTERM, then SIGKILL after 120 seconds) and "Managed Spot Training".
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


class Interruption:
    """Remembers a SIGTERM; the training loop asks about once a second, between chunks of steps."""

    def __init__(self) -> None:
        self.requested = False

    @classmethod
    def watch(cls) -> Interruption:
        """Handle SIGTERM from now on. Call it before importing TensorFlow, which takes seconds."""
        interruption = cls()
        signal.signal(signal.SIGTERM, interruption._note)
        return interruption

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Block SIGTERM within the context, then restore the handler, which TensorFlow's cluster start replaces."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, self._note)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self.requested = True
