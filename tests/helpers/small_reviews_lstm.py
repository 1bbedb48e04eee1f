"""The small data set of reviews-lstm, for the tests of every model."""

from __future__ import annotations

from pathlib import Path

import reviews_lab

from training.reviews_lstm.algorithm import SNIPPETS


def write(raw: Path) -> None:
    """Write the file of the rated snippets into a folder."""
    (raw / SNIPPETS).write_bytes(reviews_lab.lines())
