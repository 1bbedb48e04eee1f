"""Statistics of a split in its manifest: distributions of values, and records of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.common.schema import Feature


def describe(feature: Feature, column: Sequence[Any] | np.ndarray) -> dict[str, float]:
    """Statistics of a feature: mean and deviation of pixels, lengths of bytes, range of floats."""
    if feature.type == "uint8":
        return pixel_statistics(np.asarray(column))
    if feature.type == "bytes":
        lengths = np.fromiter(map(len, column), np.int64, len(column))
        return _spread(lengths, "_bytes")
    return _spread(np.asarray(column), "") if feature.type == "float32" else {}


def class_counts(labels: Sequence[int] | np.ndarray) -> dict[str, int]:
    """The number of records by label as text, in the labels' order."""
    values, counts = np.unique(np.asarray(labels), return_counts=True)
    return {str(value): int(count) for value, count in zip(values, counts, strict=True)}


def pixel_statistics(images: np.ndarray) -> dict[str, float]:
    """Mean and standard deviation of uint8 pixels, by their histogram."""
    counts = np.bincount(images.ravel(), minlength=256)
    values = np.arange(256)
    mean = float((counts * values).sum() / counts.sum())
    deviation = float(np.sqrt((counts * (values - mean) ** 2).sum() / counts.sum()))
    return {"mean": mean, "deviation": deviation}


def _spread(values: np.ndarray, unit: str) -> dict[str, float]:
    found = {"least": values.min(), "mean": values.mean(), "most": values.max()}
    return {f"{name}{unit}": float(value) for name, value in found.items()}
