"""Accuracy and loss of a classifier on the validation split."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from training.common import memory
from training.common.manifest import Manifest
from training.common.metrics import emit
from training.common.shard_reader import batches, require_labels, size_bytes

BATCH_SIZE = 1000


class Validation:
    """The validation split, in memory under the rule of training.common.memory, and the model."""

    def __init__(self, model: keras.Model, folder: Path, manifest: Manifest, available_bytes: int) -> None:
        records = batches([folder / shard.file for shard in manifest.shards], manifest.shape, BATCH_SIZE)
        self._records = records.cache() if memory.fits(size_bytes(manifest), available_bytes) else records
        self._manifest = manifest
        shape = [None, *manifest.shape]

        @tf.function(input_signature=[tf.TensorSpec(shape, tf.uint8), tf.TensorSpec([None], tf.int64)])
        def judge(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            logits = tf.cast(model(images, training=False), tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            return tf.math.count_nonzero(tf.argmax(logits, 1) == labels), tf.reduce_sum(losses)

        self._judge = judge

    def __call__(self, step: int) -> None:
        """Emit validation:accuracy and validation:loss of the model after this step."""
        results = []
        for images, labels in self._records:
            require_labels(labels.numpy(), self._manifest)
            results.append(self._judge(images, labels))
        count = self._manifest.records
        emit("validation:accuracy", sum(int(right) for right, _ in results) / count, step)
        emit("validation:loss", sum(float(loss) for _, loss in results) / count, step)
