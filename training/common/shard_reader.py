"""A split's shards read back with tf.data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from training.common.errors import JobError
from training.common.manifest import Manifest
from training.common.schema import Feature, Schema

READ_AT_ONCE = 1024
TYPES = {"uint8": tf.string, "bytes": tf.string, "int64": tf.int64, "float32": tf.float32}


def size_bytes(manifest: Manifest) -> int:
    """The bytes of the whole split as tensors: one a pixel, eight a label, a text its own."""
    fixed = sum(feature.fixed_bytes for feature in manifest.schema.values())
    texts = [manifest.statistics[name]["mean_bytes"] for name, each in manifest.schema.items() if each.type == "bytes"]
    return round(manifest.records * (fixed + sum(texts)))


def columns(files: Sequence[Path], schema: Schema, size: int) -> tf.data.Dataset:
    """Batches of records in the files' order; the last is smaller.

    By feature name: uint8 [size, *shape], string, int64 or float32 [size].
    """
    features = {name: tf.io.FixedLenFeature([], TYPES[feature.type]) for name, feature in schema.items()}

    def parse(messages: tf.Tensor) -> dict[str, tf.Tensor]:
        parsed = tf.io.parse_example(messages, features)
        return {name: _decoded(parsed[name], feature) for name, feature in schema.items()}

    return tf.data.TFRecordDataset([str(file) for file in files]).batch(size).map(parse)


def _decoded(values: tf.Tensor, feature: Feature) -> tf.Tensor:
    if feature.type != "uint8":
        return values
    pixels = tf.io.decode_raw(values, tf.uint8, fixed_length=feature.fixed_bytes)
    return tf.reshape(pixels, [-1, *feature.shape])


def batches(files: Sequence[Path], shape: tuple[int, ...], size: int) -> tf.data.Dataset:
    """Batches of images and labels in the files' order; the last is smaller.

    Images are uint8 [size, *shape], labels int64 [size].
    """
    schema = {"image": Feature("uint8", "", shape), "label": Feature("int64", "")}
    return columns(files, schema, size).map(lambda batch: (batch["image"], batch["label"]))


def require_labels(labels: np.ndarray, manifest: Manifest) -> None:
    """Raise JobError for a label, int64 [n], that the manifest does not list: it would train silently."""
    strangers = set(np.unique(labels).astype(str)) - set(manifest.classes)
    if strangers:
        raise JobError(
            f"The split '{manifest.split}' holds the label {min(strangers)}, which its manifest does not list."
        )


def read_columns(folder: Path, manifest: Manifest) -> dict[str, np.ndarray]:
    """All records by feature: uint8 [records, *shape], bytes as object [records], int64 or float32 [records].

    Raises JobError if their number differs from the manifest's, or for labels that it does not list.
    """
    whole = {name: _empty(feature, manifest.records) for name, feature in manifest.schema.items()}
    position = 0
    files = [folder / shard.file for shard in manifest.shards]
    for batch in columns(files, manifest.schema, READ_AT_ONCE).as_numpy_iterator():
        end = position + len(next(iter(batch.values())))
        if end > manifest.records:
            position = end
            break
        if "label" in batch:
            require_labels(batch["label"], manifest)
        for name, values in batch.items():
            whole[name][position:end] = values
        position = end
    if position != manifest.records:
        raise JobError(f"The split '{manifest.split}' does not hold the {manifest.records} records of its manifest.")
    return whole


def _empty(feature: Feature, count: int) -> np.ndarray:
    return np.empty((count, *feature.shape), object if feature.type == "bytes" else feature.type)


def read_whole(folder: Path, manifest: Manifest) -> tuple[np.ndarray, np.ndarray]:
    """All images uint8 [records, *shape] and labels int64 [records]. Raises JobError as `read_columns` does."""
    whole = read_columns(folder, manifest)
    return whole["image"], whole["label"]
