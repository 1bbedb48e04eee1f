"""A split's shards read back with tf.data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from training.common.errors import JobError
from training.common.manifest import Manifest

READ_AT_ONCE = 1024
FEATURES = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}


def size_bytes(manifest: Manifest) -> int:
    """What the whole split takes as tensors: one byte a pixel, eight a label."""
    return manifest.records * (math.prod(manifest.shape) + 8)


def batches(files: Sequence[Path], shape: tuple[int, ...], size: int) -> tf.data.Dataset:
    """Batches of images uint8 [size, *shape] and labels int64 [size], in the files' order; the last is smaller."""

    def parse(messages: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        columns = tf.io.parse_example(messages, FEATURES)
        pixels = tf.io.decode_raw(columns["image"], tf.uint8, fixed_length=math.prod(shape))
        return tf.reshape(pixels, [-1, *shape]), columns["label"]

    return tf.data.TFRecordDataset([str(file) for file in files]).batch(size).map(parse)


def require_labels(labels: np.ndarray, manifest: Manifest) -> None:
    """Raise JobError for a label, int64 [n], that the manifest does not list: a wrong one trains without a word."""
    strangers = set(np.unique(labels).astype(str)) - set(manifest.classes)
    if strangers:
        raise JobError(
            f"The split '{manifest.split}' holds the label {min(strangers)}, which its manifest does not list."
        )


def read_whole(folder: Path, manifest: Manifest) -> tuple[np.ndarray, np.ndarray]:
    """All images uint8 [records, *shape] and labels int64 [records]. Raises JobError when the records do not fit."""
    images = np.empty((manifest.records, *manifest.shape), np.uint8)
    labels = np.empty(manifest.records, np.int64)
    position = 0
    files = [folder / shard.file for shard in manifest.shards]
    for batch_images, batch_labels in batches(files, manifest.shape, READ_AT_ONCE).as_numpy_iterator():
        end = position + len(batch_labels)
        if end > manifest.records:
            break
        require_labels(batch_labels, manifest)
        images[position:end], labels[position:end] = batch_images, batch_labels
        position = end
    if position != manifest.records:
        raise JobError(f"The split '{manifest.split}' does not hold the {manifest.records} records of its manifest.")
    return images, labels
