"""The polarity of words: how positive the reviews that hold one are, counted without a review's own fold.

An entry is a word, the beginning of one, or a pair of words. Counted with a review itself, the entry of one review says
that review's target, and a network learns to believe it. Without TensorFlow, so that the baseline counts as the network
does. Source: Wang and Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification" (2012).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.reviews_lstm.review import bucket

STEM_LETTERS = 5
"""A word counts as itself and as its beginning, so that "enjoyable" has a meaning if only "enjoyed" was seen."""
FOLDS = 10
ALL = FOLDS
"""The row of Counts.polarities that is counted from every review, for those that were not counted."""
WHOLE = 1000
"""Targets are counted in thousandths: sums of whole numbers are equal on every processor."""
SMOOTHING = 2


def folds_of(texts: Sequence[str]) -> np.ndarray:
    """The fold of each text, int64 [n], equal for copies."""
    return np.array([bucket(text) % FOLDS for text in texts], np.int64)


@dataclass(frozen=True)
class Counts:
    """Reviews, and the sum of their targets in thousandths, by fold: of each entry, and of all reviews.

    The first two are int64 [FOLDS, entries], the others int64 [FOLDS].
    """

    reviews: np.ndarray
    positive: np.ndarray
    all_reviews: np.ndarray
    all_positive: np.ndarray

    @classmethod
    def of(cls, holders: np.ndarray, held: np.ndarray, entries: int, targets: np.ndarray, folds: np.ndarray) -> Counts:
        """Count that review `holders[i]` holds entry `held[i]`, once however often it does; both are int64 [i].

        `targets` are from 0 to 1, and `folds` from 0 to FOLDS - 1, both [reviews].
        """
        holders, held = np.divmod(np.unique(holders.astype(np.int64) * entries + held), entries)
        thousandths = np.rint(targets * WHOLE).astype(np.int64)
        place = folds[holders] * entries + held
        return cls(
            np.bincount(place, minlength=FOLDS * entries).reshape(FOLDS, entries),
            _sums(place, thousandths[holders], FOLDS * entries).reshape(FOLDS, entries),
            np.bincount(folds, minlength=FOLDS),
            _sums(folds, thousandths, FOLDS),
        )

    def polarities(self) -> np.ndarray:
        """Polarities float32 [FOLDS + 1, entries]: row f counts without the fold f, row ALL counts every review.

        That of an entry is log((a + 2m) / (b + 2(1 - m))) - log(m / (1 - m)): a is the sum of the targets of the
        reviews that hold it, b that of 1 less target, m the mean target of all. An entry of no review has 0.
        """
        reviews, positive, all_reviews, all_positive = (
            np.concatenate([count.sum(0) - count, count.sum(0)[None]])
            for count in (self.reviews, self.positive, self.all_reviews, self.all_positive)
        )
        # Targets of one class only would have a mean of 0 or 1, and no logarithm.
        mean = np.clip(all_positive / np.maximum(all_reviews, 1) / WHOLE, 1e-3, 1 - 1e-3)[:, None]
        above = positive / WHOLE + SMOOTHING * mean
        below = reviews - positive / WHOLE + SMOOTHING * (1 - mean)
        return (np.log(above / below) - np.log(mean / (1 - mean))).astype(np.float32)

    @property
    def fingerprint(self) -> str:
        """One checksum for all counts."""
        parts = (self.reviews, self.positive, self.all_reviews, self.all_positive)
        return hashlib.sha256(b"".join(part.astype("<i8").tobytes() for part in parts)).hexdigest()


def _sums(places: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    # Exact: sums of float64 are whole numbers below 2 ** 53.
    return np.bincount(places, values, size).astype(np.int64)
