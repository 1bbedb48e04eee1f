"""MNIST as a data set: its schema, and its IDX files split into train, validation and test."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.common.container import Container
from training.common.errors import JobError
from training.common.idx import read_idx
from training.common.manifest import Manifest, Origin
from training.common.schema import Feature
from training.common.shard_writer import write_splits

CLASSES = 10
SHAPE = (28, 28)
SCHEMA = {
    "image": Feature("uint8", "pixels, row by row: bright strokes on black", SHAPE),
    "label": Feature("int64", "the digit"),
}
ONE_IN_VALIDATION = 12
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "t10k": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
ORIGIN = Origin(
    source="MNIST, LeCun, Cortes and Burges: http://yann.lecun.com/exdb/mnist/",
    licence="Creative Commons Attribution-Share Alike 3.0",
    split_rule="test: the t10k files; validation: the last twelfth of the train files; train: the rest",
)


def prepare(container: Container) -> None:
    """Read, check, split, write. Raises JobError for missing, damaged or inconsistent files."""
    raw, prepared = container.processing_input("raw"), container.processing_output("prepared")
    images, labels = read_pair(raw, *FILES["train"])
    test_images, test_labels = read_pair(raw, *FILES["t10k"])
    held_out = len(labels) // ONE_IN_VALIDATION
    if not held_out:
        raise JobError(
            f"{FILES['train'][0]} holds {len(labels)} images, and the validation split, one in {ONE_IN_VALIDATION} of "
            f"them, would be empty: give at least {ONE_IN_VALIDATION}."
        )
    splits = {
        "train": {"image": images[:-held_out], "label": labels[:-held_out]},
        "validation": {"image": images[-held_out:], "label": labels[-held_out:]},
        "test": {"image": test_images, "label": test_labels},
    }
    write_splits(prepared, splits, SCHEMA, ORIGIN)


def check_manifest(manifest: Manifest) -> None:
    """Raise JobError unless the split holds digits."""
    manifest.require(SCHEMA, CLASSES)


def read_pair(raw: Path, images_name: str, labels_name: str) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [n, 28, 28] and labels uint8 [n]. Raises JobError."""
    images, labels = read_idx(raw / images_name, 3), read_idx(raw / labels_name, 1)
    if images.shape[1:] != SHAPE:
        raise JobError(f"{images_name} holds images of {images.shape[1]} x {images.shape[2]} pixels, not 28 x 28.")
    if len(images) != len(labels):
        raise JobError(f"{images_name} holds {len(images)} images and {labels_name} {len(labels)} labels.")
    if not len(images):
        raise JobError(f"{images_name} holds no images: its split would be empty.")
    outside = np.flatnonzero(labels >= CLASSES)
    if len(outside):
        raise JobError(
            f"{labels_name} holds the label {labels[outside[0]]} at position {outside[0]}: labels are 0 to "
            f"{CLASSES - 1}."
        )
    return images, labels
