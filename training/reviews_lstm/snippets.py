"""The movie-review snippets that people rated for VADER.

The file has 10,605 lines of id, mean rating from -4 to 4, and text.
Source: Hutto and Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text" (2014);
the format is in the README of the file's archive.
"""

from __future__ import annotations

import html
import math
from pathlib import Path

from training.common.encrypted import open_raw
from training.common.errors import JobError
from training.common.manifest import Origin
from training.reviews_lstm.algorithm import SNIPPETS, require_utf8
from training.reviews_lstm.review import Review, split_of

FILE = SNIPPETS
HIGHEST = 4.0
ORIGIN = Origin(
    source="Hutto and Gilbert 2014 (PyPI: vaderSentiment 0.5), snippets of rottentomatoes.com after Pang and Lee",
    licence="MIT (vaderSentiment); the authors ask to cite their paper",
    split_rule="by SHA-256 of the lower-case text without its spacing, modulo 100: below 15 test, below 25 validation, "
    "the rest train; a mean rating above 0 is positive, below 0 negative, and snippets of exactly 0 are left out",
)


def read(path: Path) -> dict[str, list[Review]]:
    """The reviews of each split. Raises JobError for an invalid line."""
    splits: dict[str, list[Review]] = {"train": [], "validation": [], "test": []}
    with open_raw(path) as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines, 1):
        rating, text = _parse(require_utf8(line, f"{path.name}, line {number},"), f"{path.name}, line {number},")
        if rating:
            splits[split_of(text)].append(Review(text, int(rating > 0), rating))
    return splits


def _parse(line: str, place: str) -> tuple[float, str]:
    fields = line.split("\t")
    if len(fields) != 3:
        raise JobError(f"{place} has {len(fields)} fields between tabs, and must have 3: id, mean rating, text.")
    try:
        rating = float(fields[1])
    except ValueError:
        rating = math.nan
    if not -HIGHEST <= rating <= HIGHEST:
        raise JobError(f"{place} has the rating {fields[1]!r}, and must have a number from -4 to 4.")
    text = html.unescape(fields[2]).strip()
    if not text:
        raise JobError(f"{place} has no text.")
    return rating, text
