"""One review of a data set, and the split that it belongs to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

TEST_PERCENT, VALIDATION_PERCENT = 15, 10


@dataclass(frozen=True)
class Review:
    """Its text, its label (0 or 1), and how positive it is, from -4 to 4."""

    text: str
    label: int
    rating: float


def plain(text: str) -> str:
    """A text without what copies of it may differ in: case and spacing."""
    return " ".join(text.lower().split())


def bucket(text: str) -> int:
    """A number from 0 to 99 that depends on the plain text alone: copies share a split."""
    return int.from_bytes(hashlib.sha256(plain(text).encode()).digest()[:8], "big") % 100


def split_of(text: str) -> str:
    """The split of a text in a data set that has none of its own."""
    number = bucket(text)
    if number < TEST_PERCENT:
        return "test"
    return "validation" if number < TEST_PERCENT + VALIDATION_PERCENT else "train"
