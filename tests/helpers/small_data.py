"""A small data set for each package, in the files that its step prepare reads.

Labelled images are made from their declaration. A package with other data has a function of its own in WRITERS.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import reviews_lab
from idx_bytes import idx_bytes

from training.common.labelled_images import LabelledImages
from training.reviews_lstm.algorithm import SNIPPETS

TRAINING, TEST = 480, 120


def write_small(package: str, raw: Path) -> None:
    """Write the files into a folder."""
    data = getattr(importlib.import_module(f"training.{package}.algorithm"), "DATA", None)
    if isinstance(data, LabelledImages):
        _write_images(data, raw)
    elif package in WRITERS:
        WRITERS[package](raw)
    else:
        raise AssertionError(f"no small data set for {package}: add a function to WRITERS in {__file__}")


def _write_images(data: LabelledImages, raw: Path) -> None:
    """Noise, in which each class has a bright row of its own."""
    noise = np.random.default_rng(0)
    for (images_name, labels_name), count in ((data.training_files, TRAINING), (data.test_files, TEST)):
        labels = (np.arange(count) % len(data.classes)).astype(np.uint8)
        images = noise.integers(0, 100, (count, *data.shape), np.uint8)
        images[np.arange(count), 1 + labels % (data.shape[0] - 1)] += 150
        (raw / images_name).write_bytes(idx_bytes(images))
        (raw / labels_name).write_bytes(idx_bytes(labels))


def _write_reviews(raw: Path) -> None:
    (raw / SNIPPETS).write_bytes(reviews_lab.lines())


WRITERS: dict[str, Callable[[Path], None]] = {"reviews_lstm": _write_reviews}
