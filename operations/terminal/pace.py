"""The pace of lines in a pipe or the log of a CI system."""

from __future__ import annotations

import time
from collections.abc import Callable

LINE_SECONDS = 10.0
SILENT_SECONDS = 60.0
"""Many CI systems end a command that prints nothing for long."""


class Pace:
    """Says when a line is due: the first, a changed one ten seconds after the last, an unchanged one each minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._text = ""
        self._said = float("-inf")

    def due(self, text: str) -> bool:
        """Tell whether the text is to be printed now; it then counts as printed."""
        wait = LINE_SECONDS if text != self._text else SILENT_SECONDS
        if not text or self._clock() - self._said < wait:
            return False
        self.said(text)
        return True

    def said(self, text: str = "") -> None:
        """Note that a line was printed."""
        self._text, self._said = text, self._clock()
