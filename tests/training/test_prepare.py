"""prepare: the splits that it writes, and the files that it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from digits_lab import MNIST, TEST_RECORDS, TRAIN_RECORDS, prepared, run_step, write_raw
from idx_bytes import idx_bytes

from training.common.container import Container
from training.common.errors import JobError
from training.common.idx import read_idx
from training.common.manifest import Manifest
from training.digits_cnn.prepare import main as prepare

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def edited(name: str, edit: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def change(raw: Path) -> None:
        (raw / name).write_bytes(edit((raw / name).read_bytes()))

    return change


def replaced(arrays: dict[str, np.ndarray]) -> Callable[[Path], None]:
    def change(raw: Path) -> None:
        for name, array in arrays.items():
            (raw / name).write_bytes(idx_bytes(array))

    return change


def images(count: int, size: int = 28) -> np.ndarray:
    return np.zeros((count, size, size), np.uint8)


LABELS_WITH_TEN = np.array([0] * 20 + [10], np.uint8)
REFUSED = {
    "missing": (lambda raw: (raw / TRAIN_LABELS).unlink(), f"The data set has no file {TRAIN_LABELS}: upload it"),
    "empty file": (edited(TRAIN_IMAGES, lambda _: b""), "it begins with nothing and must begin with 00000803"),
    "bad magic": (edited(TRAIN_IMAGES, lambda content: b"\x1f\x8b" + content), "it begins with 1f8b0000 and must"),
    "labels as images": (edited(TRAIN_IMAGES, lambda content: b"\0\0\x08\x01" + content[4:]), "begins with 00000801"),
    "cut header": (edited(TRAIN_IMAGES, lambda content: content[:9]), "is cut off within its header: it holds 9 bytes"),
    "truncated": (edited(TRAIN_IMAGES, lambda content: content[:-1]), "is truncated: its header announces 2400 x 28 x"),
    "too long": (edited(TRAIN_LABELS, lambda content: content + b"\0"), f"{TRAIN_LABELS} holds more than it announces"),
    "label": (
        replaced({TRAIN_IMAGES: images(21), TRAIN_LABELS: LABELS_WITH_TEN}),
        f"{TRAIN_LABELS} holds the label 10 at position 20: labels are 0 to 9.",
    ),
    "counts": (
        replaced({TRAIN_LABELS: np.zeros(7, np.uint8)}),
        f"{TRAIN_IMAGES} holds 2400 images and {TRAIN_LABELS} 7 labels.",
    ),
    "pixels": (replaced({TRAIN_IMAGES: images(2400, 27)}), "holds images of 27 x 27 pixels, not 28 x 28."),
    "no images": (
        replaced({TRAIN_IMAGES: images(0), TRAIN_LABELS: np.zeros(0, np.uint8)}),
        f"{TRAIN_IMAGES} holds no images: its split would be empty.",
    ),
    "no validation": (
        replaced({TRAIN_IMAGES: images(11), TRAIN_LABELS: np.zeros(11, np.uint8)}),
        "one in 12 of them, would be empty",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_damaged_data_set_is_refused(case: str, tmp_path: Path) -> None:
    change, sentence = REFUSED[case]
    change(write_raw(tmp_path))
    with pytest.raises(JobError) as raised:
        prepare(Container(tmp_path))
    assert sentence in str(raised.value)


def test_a_refusal_reaches_the_files_that_sagemaker_reads(tmp_path: Path) -> None:
    (write_raw(tmp_path) / TRAIN_LABELS).unlink()
    result = run_step(tmp_path, "prepare")
    sentence = f"The data set has no file {TRAIN_LABELS}: upload it (operations upload)."
    assert result.returncode == 1
    assert result.stderr == f"error: {sentence}\n"
    assert [(tmp_path / "output" / name).read_text() for name in ("failure", "message")] == [sentence, sentence]


def test_the_manifests_say_what_the_splits_hold() -> None:
    whole = json.loads((prepared() / "manifest.json").read_text())
    validation = TRAIN_RECORDS // 12
    counts = {name: split["records"] for name, split in whole["splits"].items()}
    assert counts == {"train": TRAIN_RECORDS - validation, "validation": validation, "test": TEST_RECORDS}
    assert set(whole) == {"source", "licence", "split_rule", "splits"}
    for name, split in whole["splits"].items():
        assert json.loads((prepared() / name / "manifest.json").read_text()) == split
        assert sum(split["classes"].values()) == split["records"]


@pytest.mark.tensorflow
def test_shards_are_what_tensorflow_reads_in_the_files_order() -> None:
    from training.common.shard_reader import read_whole

    for split, part in (("train", slice(0, 2200)), ("validation", slice(2200, 2400))):
        images_read, labels_read = read_whole(prepared() / split, Manifest.read(prepared() / split))
        np.testing.assert_array_equal(images_read, read_idx(MNIST / TRAIN_IMAGES, 3)[part])
        np.testing.assert_array_equal(labels_read, read_idx(MNIST / TRAIN_LABELS, 1)[part])
