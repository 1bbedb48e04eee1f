"""The step prepare of a declared data set of labelled images: IDX files in; train, validation and test out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.common.container import Container
from training.common.errors import JobError
from training.common.idx import read_idx
from training.common.labelled_images import LabelledImages
from training.common.manifest import Origin
from training.common.shard_writer import write_splits

ONE_IN_VALIDATION = 12


def prepare(data: LabelledImages, container: Container) -> None:
    """Read, check, split, write. Raises JobError for missing, damaged or inconsistent files."""
    raw, prepared = container.processing_input("raw"), container.processing_output("prepared")
    images, labels = _read_pair(data, raw, data.training_files)
    test_images, test_labels = _read_pair(data, raw, data.test_files)
    held_out = len(labels) // ONE_IN_VALIDATION
    if not held_out:
        raise JobError(
            f"{data.training_files[0]} holds {len(labels)} images, and the validation split, one in "
            f"{ONE_IN_VALIDATION} of them, would be empty: give at least {ONE_IN_VALIDATION}."
        )
    splits = {
        "train": {"image": images[:-held_out], "label": labels[:-held_out]},
        "validation": {"image": images[-held_out:], "label": labels[-held_out:]},
        "test": {"image": test_images, "label": test_labels},
    }
    write_splits(prepared, splits, data.schema, _origin(data))


def _origin(data: LabelledImages) -> Origin:
    rule = f"test: {data.test_files[0]}; validation: the last twelfth of {data.training_files[0]}; train: the rest"
    return Origin(data.source, data.licence, rule)


def _read_pair(data: LabelledImages, raw: Path, files: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [n, rows, columns] and labels uint8 [n]. Raises JobError."""
    images_name, labels_name = files
    images, labels = read_idx(raw / images_name, 3), read_idx(raw / labels_name, 1)
    if images.shape[1:] != data.shape:
        found, declared = (" x ".join(map(str, shape)) for shape in (images.shape[1:], data.shape))
        raise JobError(f"{images_name} holds images of {found} pixels, not {declared}.")
    if len(images) != len(labels):
        raise JobError(f"{images_name} holds {len(images)} images and {labels_name} {len(labels)} labels.")
    if not len(images):
        raise JobError(f"{images_name} holds no images: its split would be empty.")
    most = len(data.classes) - 1
    outside = np.flatnonzero(labels > most)
    if len(outside):
        raise JobError(
            f"{labels_name} holds the label {labels[outside[0]]} at position {outside[0]}: labels are 0 to {most}."
        )
    return images, labels
