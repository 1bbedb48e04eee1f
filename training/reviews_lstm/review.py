"""One review of a data set, and its split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

TEST_PERCENT, VALIDATION_PERCENT = 15, 10


@dataclass(frozen=True)
class Review:
    """A review's text, label (0 or 1), and rating from -4 to 4."""

    text: str
    label: int
    rating: float


def plain(text: str) -> str:
    """A text in lower case without spacing, equal for copies of it."""
    return " ".join(text.lower().split())


def bucket(text: str) -> int:
    """A number below 100 from the plain text alone, so that copies share a split."""
    return int.from_bytes(hashlib.sha256(plain(text).encode()).digest()[:8], "big") % 100


def split_of(text: str) -> str:
    """The split of a text in a data set without splits of its own."""
    number = bucket(text)
    if number < TEST_PERCENT:
        return "test"
    return "validation" if number < TEST_PERCENT + VALIDATION_PERCENT else "train"
