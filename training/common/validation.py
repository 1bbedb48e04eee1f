"""A classifier's accuracy, loss and calibration on the validation split."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from training.common import background, memory
from training.common.manifest import Manifest
from training.common.metrics import emit
from training.common.shard_reader import batches, require_labels, size_bytes
from training.common.temperature import Factor, losses

BATCH_SIZE = 1000
Judged = tuple[np.ndarray, np.ndarray]
"""A model's logits float32 [records, classes], and labels int64 [records]."""


class Validation:
    """Accuracy and loss after an epoch, and the factor after the training."""

    def __init__(self, judged: Callable[[], Judged]) -> None:
        """Get a function that asks the model as it is at that time."""
        self._judged = judged
        self._last: Judged | None = None

    def __call__(self, step: int) -> None:
        """Emit validation:accuracy and validation:loss of the model after this step."""
        logits, labels = self._last = self._judged()
        emit("validation:accuracy", float((logits.argmax(1) == labels).mean()), step)
        emit("validation:loss", float(losses(logits, labels).mean()), step)

    def factor(self) -> Factor:
        """The factor on the logits that fits this split best; call it after training."""
        return Factor.fit(*(self._last or self._judged()))


class ImageLogits:
    """The validation split, in memory under the rule of training.common.memory, and a model of images.

    The graph is made in the background, from the construction on.
    """

    def __init__(self, model: keras.Model, folder: Path, manifest: Manifest, available_bytes: int) -> None:
        records = batches([folder / shard.file for shard in manifest.shards], manifest.shape, BATCH_SIZE)
        self._records = records.cache() if memory.fits(size_bytes(manifest), available_bytes) else records
        self._manifest = manifest
        images = tf.TensorSpec([None, *manifest.shape], tf.uint8)
        judge = tf.function(lambda images: tf.cast(model(images, training=False), tf.float32), autograph=False)
        self._judge = background.start(lambda: judge.get_concrete_function(images))

    def __call__(self) -> Judged:
        """See Judged."""
        judge, found = self._judge.result(), []
        for images, labels in self._records:
            require_labels(labels.numpy(), self._manifest)
            found.append((judge(images).numpy(), labels.numpy()))
        logits, labels = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return logits, labels
