"""Training data in chunks of batches, shuffled in every epoch, readable from any position.

So a resumed job sees the same batches as an uninterrupted one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import tensorflow as tf

from training.common import background, memory
from training.common.distribution import Distribution, Share
from training.common.errors import JobError
from training.common.manifest import Manifest
from training.common.shard_reader import batches, read_whole, require_labels, size_bytes

SHUFFLED_AT_ONCE = 20_000


@dataclass(frozen=True)
class Chunk:
    """This host's rows of consecutive batches: tensors [steps * batch_size / hosts, ...]."""

    tensors: tuple[tf.Tensor, ...]
    steps: int


class Feed(Protocol):
    """A source of batches without the smaller last one of an epoch. `batch_size` is the global batch."""

    batch_size: int
    steps_per_epoch: int

    def take(self, epoch: int, step: int, count: int) -> Chunk:
        """Take one to `count` batches of the epoch, starting at batch `step`."""


class InMemory:
    """The whole split in memory, and a permutation of it for every epoch.

    It is read in the background, from the construction on.
    """

    def __init__(self, folder: Path, manifest: Manifest, batch_size: int, seed: int, share: Share) -> None:
        self.batch_size = batch_size
        self.steps_per_epoch = manifest.records // batch_size
        self._split = background.start(lambda: read_whole(folder, manifest))
        self._seed, self._share = seed, share
        self._epoch, self._order = -1, np.empty(0, np.int64)

    def take(self, epoch: int, step: int, count: int) -> Chunk:
        """See Feed."""
        images, labels = self._split.result()
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng([self._seed, epoch]).permutation(len(labels))
        chosen = self._order[step * self.batch_size : (step + count) * self.batch_size]
        mine = chosen.reshape(count, self.batch_size)[:, self._share.rows(self.batch_size)].ravel()
        return Chunk((tf.constant(images[mine]), tf.constant(labels[mine])), count)


class Streamed:
    """Shuffled shards through a shuffle buffer, for a split larger than memory.

    The order depends on seed and epoch alone, so that skipping finds a position again.
    """

    def __init__(self, folder: Path, manifest: Manifest, batch_size: int, seed: int, share: Share) -> None:
        self.batch_size = batch_size
        self.steps_per_epoch = manifest.records // batch_size
        self._files = [folder / shard.file for shard in manifest.shards]
        self._manifest, self._seed, self._rows = manifest, seed, share.rows(batch_size)
        self._position = (-1, -1)
        self._rest: Iterator[tuple[tf.Tensor, tf.Tensor]] = iter(())

    def take(self, epoch: int, step: int, count: int) -> Chunk:
        """See Feed."""
        if self._position != (epoch, step):
            self._rest = iter(self._open(epoch).skip(step))
        self._position = (epoch, step + count)
        chunk = [next(self._rest) for _ in range(count)]
        labels = tf.concat([labels[self._rows] for _, labels in chunk], 0)
        require_labels(labels.numpy(), self._manifest)
        return Chunk((tf.concat([images[self._rows] for images, _ in chunk], 0), labels), count)

    def _open(self, epoch: int) -> tf.data.Dataset:
        order = np.random.default_rng([self._seed, epoch]).permutation(len(self._files))
        records = batches([self._files[number] for number in order], self._manifest.shape, self.batch_size).unbatch()
        shuffled = records.shuffle(SHUFFLED_AT_ONCE, seed=self._seed * 1000 + epoch)
        return shuffled.batch(self.batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def open_feed(folder: Path, manifest: Manifest, seed: int, available_bytes: int, distribution: Distribution) -> Feed:
    """The feed that the memory rule chooses (training.common.memory). Raises JobError for less than one batch."""
    batch_size, share = distribution.batch_size, distribution.share
    require_a_batch(manifest, batch_size)
    if memory.fits(size_bytes(manifest), available_bytes):
        return InMemory(folder, manifest, batch_size, seed, share)
    return Streamed(folder, manifest, batch_size, seed, share)


def require_a_batch(manifest: Manifest, batch_size: int) -> None:
    """Raise JobError for a split of less than one batch."""
    if manifest.records < batch_size:
        raise JobError(
            f"The split '{manifest.split}' holds {manifest.records} records, fewer than one batch: set batch_size to "
            f"at most {manifest.records}."
        )
