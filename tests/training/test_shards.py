"""Shards of images, texts and numbers: written without TensorFlow, and read by TensorFlow's own reader."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.common import tfrecords
from training.common.errors import JobError
from training.common.manifest import Manifest, Origin, write_data_set
from training.common.progress import Progress
from training.common.schema import Feature
from training.common.shard_writer import write_split

ORIGIN = Origin("a test", "CC0", "all records are in one split")
REVIEWS = {
    "text": Feature("bytes", "a review in UTF-8"),
    "label": Feature("int64", "1 where people liked it"),
    "rating": Feature("float32", "mean of what people said, -4 to 4"),
}
TEXTS = [b"", "Wie schön!".encode(), b"so" * 200, b"\x00\xff", b"x" * 20_000]
COLUMNS: dict[str, Any] = {"text": TEXTS, "label": [1, 0, 1, 0, 1], "rating": [0.5, -4, 4, 1e-3, 2.25]}


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    write_split(tmp_path, "train", COLUMNS, REVIEWS, ORIGIN)
    return tmp_path


@pytest.mark.tensorflow
def test_records_of_any_length_are_what_tensorflow_reads(reviews: Path) -> None:
    from training.common.shard_reader import read_columns, size_bytes

    manifest = Manifest.read(reviews)
    read = read_columns(reviews, manifest)
    assert list(read["text"]) == TEXTS
    assert read["label"].tolist() == COLUMNS["label"]
    np.testing.assert_array_equal(read["rating"], np.array(COLUMNS["rating"], np.float32))
    assert size_bytes(manifest) == sum(map(len, TEXTS)) + 5 * (8 + 4)


@pytest.mark.tensorflow
def test_tensorflow_encodes_the_same_bytes() -> None:
    """A map's fields may have any order; one feature has only one."""
    import tensorflow as tf

    from training.common.examples import encode

    rows: list[tuple[Feature, Any, dict[str, Any]]] = [
        (Feature("bytes", ""), b"y" * 300, {"bytes_list": tf.train.BytesList(value=[b"y" * 300])}),
        (Feature("int64", ""), -2, {"int64_list": tf.train.Int64List(value=[-2])}),
        (Feature("int64", ""), 70_000, {"int64_list": tf.train.Int64List(value=[70_000])}),
        (Feature("float32", ""), 0.1, {"float_list": tf.train.FloatList(value=[0.1])}),
    ]
    for feature, value, expected in rows:
        message = tf.train.Example(features=tf.train.Features(feature={"value": tf.train.Feature(**expected)}))
        assert encode({"value": [value]}, {"value": feature}) == [message.SerializeToString(deterministic=True)]


def test_checksums_are_those_of_the_standard_and_do_not_depend_on_the_neighbours() -> None:
    """Source of the values: RFC 3720, B.4, and the check value of CRC-32C."""
    rows = [bytes(32), b"\xff" * 32, bytes(range(32)), b"123456789", b""]
    assert [hex(crc) for crc in tfrecords.crc32c(rows)] == [
        "0x8a9136aa",
        "0x62a8ab43",
        "0x46dd794e",
        "0xe3069283",
        "0x0",
    ]


def test_the_manifest_keeps_schema_statistics_and_origin(reviews: Path) -> None:
    manifest = Manifest.read(reviews)
    assert manifest.schema == REVIEWS
    assert manifest.classes == {"0": 2, "1": 3}
    assert manifest.statistics["text"] == {"least_bytes": 0, "mean_bytes": 4082.6, "most_bytes": 20_000}
    assert set(manifest.statistics) == {"text", "rating"}
    write_data_set(reviews, [manifest])
    whole = json.loads((reviews / "manifest.json").read_text())
    assert {name: whole[name] for name in ("source", "licence", "split_rule")} == dataclasses.asdict(ORIGIN)
    assert whole["splits"]["train"]["records"] == 5


def test_a_split_without_records_is_not_written(tmp_path: Path) -> None:
    empty: dict[str, Any] = {name: [] for name in COLUMNS}
    with pytest.raises(JobError, match=r"^The split 'test' would be empty: all records are in one split\.$"):
        write_split(tmp_path / "test", "test", empty, REVIEWS, ORIGIN)
    assert not (tmp_path / "test").exists()


def test_columns_of_unequal_length_or_another_shape_are_a_defect_of_the_code(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        write_split(tmp_path, "train", COLUMNS | {"rating": [0.5]}, REVIEWS, ORIGIN)
    with pytest.raises(ValueError, match=r"'image' must hold uint8 \[2, 2\], and holds float64 \(2, 2\)"):
        write_split(tmp_path, "train", {"image": np.zeros((1, 2, 2))}, {"image": Feature("uint8", "", (2, 2))}, ORIGIN)


def rewritten(columns: dict[str, Any]) -> Callable[[Path], None]:
    """Other records under the old counts, with correct checksums, as by another writer."""

    def change(folder: Path) -> None:
        write_split(folder / "other", "train", columns, REVIEWS, ORIGIN)
        (name,) = (file.name for file in folder.glob("*.tfrecord"))
        content = json.loads((folder / "manifest.json").read_text())
        shard = (folder / "other" / name).read_bytes()
        content["shards"][0]["sha256"] = hashlib.sha256(shard).hexdigest()
        (folder / name).write_bytes(shard)
        (folder / "manifest.json").write_text(json.dumps(content))

    return change


LIES = {
    "fewer records": ({name: column[:4] for name, column in COLUMNS.items()}, "does not hold the 5 records of its"),
    "more records": ({name: column * 2 for name, column in COLUMNS.items()}, "does not hold the 5 records of its"),
    "other label": (COLUMNS | {"label": [1, 0, 2, 0, 1]}, "holds the label 2, which its manifest does not list."),
}


@pytest.mark.tensorflow
@pytest.mark.parametrize("case", LIES)
def test_records_that_are_not_the_manifest_s_are_refused(case: str, reviews: Path) -> None:
    from training.common.shard_reader import read_columns

    columns, sentence = LIES[case]
    rewritten(columns)(reviews)
    with pytest.raises(JobError) as raised:
        read_columns(reviews, Manifest.read(reviews))
    assert sentence in str(raised.value)


def test_what_takes_long_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 1.9, 2.0, 3.9, 4.1])
    progress = Progress("train_records", 40, lambda: next(times))
    for _ in range(4):
        progress.advance(10)
    assert capsys.readouterr().out == (
        "progress train_records=20/40 seconds_left=0\nprogress train_records=40/40 seconds_left=0\n"
    )
