"""A split's images and labels as TFRecord shards with a manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from training.common import examples, tfrecords
from training.common.manifest import Manifest, Shard

RECORDS_A_SHARD = 10_000
SCHEMA = {"image": "bytes: uint8 pixels, row by row", "label": "int64"}


def write_split(folder: Path, split: str, images: np.ndarray, labels: np.ndarray) -> Manifest:
    """Write the shards and the manifest of one split.

    Images are uint8 [records, ...], labels whole numbers below 128 [records]; the order of the records is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = np.array_split(np.arange(len(images)), -(-len(images) // RECORDS_A_SHARD))
    shards = []
    for number, part in enumerate(parts):
        content = tfrecords.records(examples.encode(images[part], labels[part]))
        name = f"{split}-{number:05d}-of-{len(parts):05d}.tfrecord"
        (folder / name).write_bytes(content)
        shards.append(Shard(name, len(part), hashlib.sha256(content).hexdigest()))
    values, counts = np.unique(labels, return_counts=True)
    classes = {str(value): int(count) for value, count in zip(values, counts, strict=True)}
    manifest = Manifest(split, SCHEMA, images.shape[1:], classes, pixel_statistics(images), tuple(shards))
    manifest.write(folder)
    return manifest


def pixel_statistics(images: np.ndarray) -> dict[str, float]:
    """Mean and standard deviation of uint8 pixels, by their histogram."""
    counts = np.bincount(images.ravel(), minlength=256)
    values = np.arange(256)
    mean = float((counts * values).sum() / counts.sum())
    deviation = float(np.sqrt((counts * (values - mean) ** 2).sum() / counts.sum()))
    return {"mean": mean, "deviation": deviation}
