"""A small data set for each package, in the files that its step prepare reads.

Labelled images are made from their declaration. A package with other data has a module `small_PACKAGE` beside this one,
with a function `write(raw)`.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

import numpy as np
from idx_bytes import idx_bytes

from training.common.labelled_images import LabelledImages

TRAINING, TEST = 480, 120


def write_small(package: str, raw: Path) -> None:
    """Write the files into a folder."""
    data = getattr(importlib.import_module(f"training.{package}.algorithm"), "DATA", None)
    if isinstance(data, LabelledImages):
        _write_images(data, raw)
        return
    assert importlib.util.find_spec(f"small_{package}"), (
        f"there is no small data set for training/{package}: its DATA is no LabelledImages, so write "
        f"tests/helpers/small_{package}.py with a function write(raw) that writes the files into the folder raw"
    )
    importlib.import_module(f"small_{package}").write(raw)


def _write_images(data: LabelledImages, raw: Path) -> None:
    """Noise, in which each class has a bright row of its own."""
    noise = np.random.default_rng(0)
    for (images_name, labels_name), count in ((data.training_files, TRAINING), (data.test_files, TEST)):
        labels = (np.arange(count) % len(data.classes)).astype(np.uint8)
        images = noise.integers(0, 100, (count, *data.shape), np.uint8)
        images[np.arange(count), 1 + labels % (data.shape[0] - 1)] += 150
        (raw / images_name).write_bytes(idx_bytes(images))
        (raw / labels_name).write_bytes(idx_bytes(labels))
