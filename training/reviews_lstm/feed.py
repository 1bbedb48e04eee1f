"""Reviews in batches of similar length, which saves computation on padding.

The order depends on seed and epoch alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from training.common.distribution import Share
from training.common.feed import Chunk
from training.reviews_lstm.model import FRAME
from training.reviews_lstm.words import PADDING

SHORTEST = 8
STEPS_A_DOUBLING = 2


def padded_lengths(longest: int) -> np.ndarray:
    """The padded lengths of batches, up to `longest`: whole frames, each about 1.4 times the one before."""
    count = int(np.ceil(STEPS_A_DOUBLING * np.log2(max(longest, SHORTEST) / SHORTEST))) + 1
    lengths = np.ceil(SHORTEST * 2.0 ** (np.arange(count) / STEPS_A_DOUBLING) / FRAME).astype(int) * FRAME
    return np.unique(np.minimum(lengths, -(-longest // FRAME) * FRAME))


def arrange(lengths: np.ndarray, batch_size: int, seed: int, epoch: int) -> list[tuple[np.ndarray, int]]:
    """The batches of an epoch: positions int64 [batch_size], and their padded length.

    Reviews are shuffled, then grouped by padded length; a rest smaller than a batch moves to the next length, and the
    rest of the longest is left out. The batches are shuffled too.
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(lengths))
    steps = padded_lengths(int(lengths.max()))
    bucket = np.searchsorted(steps, lengths[order])
    found, rest = [], order[:0]
    for number, length in enumerate(steps):
        rest = np.concatenate([rest, order[bucket == number]])
        whole = len(rest) // batch_size * batch_size
        found += [(part, int(length)) for part in rest[:whole].reshape(-1, batch_size)]
        rest = rest[whole:]
    return [found[number] for number in random.permutation(len(found))]


@dataclass(frozen=True)
class Reviews:
    """A split as arrays: the network's inputs int32 and float32 [reviews, words, 3], and targets float32 [reviews]."""

    numbers: np.ndarray
    polarities: np.ndarray
    targets: np.ndarray


class ReviewFeed:
    """The whole split. See feed.Feed."""

    def __init__(self, reviews: Reviews, batch_size: int, seed: int, share: Share) -> None:
        self.batch_size = batch_size
        self.steps_per_epoch = len(reviews.targets) // batch_size
        self._reviews = reviews
        self._lengths = (reviews.numbers[..., 0] != PADDING).sum(1)
        self._seed, self._rows = seed, share.rows(batch_size)
        self._epoch, self._batches = -1, arrange(self._lengths, batch_size, seed, 0)[:0]

    def take(self, epoch: int, step: int, count: int) -> Chunk:
        """See feed.Feed; the batches are consecutive and have the same padded length."""
        if epoch != self._epoch:
            self._epoch = epoch
            self._batches = arrange(self._lengths, self.batch_size, self._seed, epoch)
        length = self._batches[step][1]
        chosen = []
        for positions, each in self._batches[step : step + count]:
            if each != length:
                break
            chosen.append(positions[self._rows])
        mine = np.concatenate(chosen)
        inputs = (each[mine, :length] for each in (self._reviews.numbers, self._reviews.polarities))
        return Chunk((*map(tf.constant, inputs), tf.constant(self._reviews.targets[mine])), len(chosen))
