"""Manifests: a split that differs from the prepared one is refused before training."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from digits_lab import prepared

from training.common.errors import JobError
from training.common.manifest import NAME, Manifest
from training.common.mnist import MNIST
from training.common.schema import Feature

SHARD = "validation-00000-of-00001.tfrecord"


def flip_a_bit(folder: Path) -> None:
    content = bytearray((folder / SHARD).read_bytes())
    content[1000] ^= 1
    (folder / SHARD).write_bytes(content)


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        content = json.loads((folder / NAME).read_text())
        change(content)
        (folder / NAME).write_text(json.dumps(content))

    return edit


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed shard": (flip_a_bit, f"The split 'validation' differs from its manifest: {SHARD} has the checksum "),
    "missing shard": (lambda folder: (folder / SHARD).unlink(), f"{SHARD} is missing."),
    "no manifest": (lambda folder: (folder / NAME).unlink(), "holds no manifest.json: the step prepare writes it"),
    "no JSON": (lambda folder: (folder / NAME).write_text("{"), "is not a manifest of a split (JSONDecodeError"),
    "no shards": (lambda folder: (folder / NAME).write_text("{}"), "is not a manifest of a split (KeyError: 'shards')"),
    "unknown type": (
        edited(lambda content: content["schema"]["image"].update(type="float64")),
        "is not a manifest of a split (ValueError: a feature's type is one of uint8, bytes, int64, float32, and not",
    ),
    "no licence": (edited(lambda content: content.pop("licence")), "not a manifest of a split (KeyError: 'licence')"),
    "class counts": (
        edited(lambda content: content["classes"].update({"0": 1000})),
        "contradicts itself: ",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_damaged_split_is_refused(case: str, tmp_path: Path) -> None:
    folder = shutil.copytree(prepared() / "validation", tmp_path / "validation")
    change, sentence = REFUSED[case]
    change(folder)
    with pytest.raises(JobError) as raised:
        Manifest.read(folder)
    assert sentence in str(raised.value)


def test_the_fingerprint_is_of_the_shards_content(tmp_path: Path) -> None:
    folder = shutil.copytree(prepared() / "validation", tmp_path / "validation")
    before = Manifest.read(folder)
    content = json.loads((folder / NAME).read_text())
    (folder / SHARD).write_bytes(b"")
    content["shards"][0]["sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (folder / NAME).write_text(json.dumps(content))
    assert Manifest.read(folder).fingerprint != before.fingerprint


UNFIT: dict[str, tuple[dict[str, object], str]] = {
    "empty": ({"shards": ()}, "The split 'validation' is empty: there is nothing to read from its shards."),
    "shape": (
        {"schema": MNIST.schema | {"image": Feature("uint8", "narrow", (28, 27))}},
        "The split 'validation' holds 'image' as uint8 [28, 27], and must hold it as uint8 [28, 28].",
    ),
    "text": (
        {"schema": MNIST.schema | {"image": Feature("bytes", "UTF-8")}},
        "The split 'validation' holds 'image' as bytes, and must hold it as uint8 [28, 28].",
    ),
    "feature": (
        {"schema": {"label": MNIST.schema["label"]}},
        "The split 'validation' lacks the feature 'image' (uint8 [28, 28]): it holds 'label'.",
    ),
    "label": ({"classes": {"0": 199, "10": 1}}, "holds the label 10, and labels must be 0 to 9."),
}


@pytest.mark.parametrize("case", UNFIT)
def test_a_split_that_does_not_fit_the_model_is_refused(case: str) -> None:
    manifest = Manifest.read(prepared() / "validation")
    manifest.require(MNIST.schema, 10)
    members, sentence = UNFIT[case]
    with pytest.raises(JobError) as raised:
        dataclasses.replace(manifest, **members).require(MNIST.schema, 10)  # type: ignore[arg-type]
    assert str(raised.value).endswith(sentence)


@pytest.mark.tensorflow
@pytest.mark.parametrize("available_bytes", [10**9, 10**6])
def test_a_label_that_the_manifest_does_not_list_is_refused_in_the_records(available_bytes: int) -> None:
    import tensorflow as tf

    from training.common.cluster import Cluster
    from training.common.distribution import Distribution
    from training.common.feed import open_feed

    folder, distribution = prepared() / "train", Distribution(tf.distribute.get_strategy(), Cluster(), 100)
    manifest = Manifest.read(folder)
    fewer = {name: count for name, count in manifest.classes.items() if name != "7"}
    with pytest.raises(JobError, match="holds the label 7, which its manifest does not list"):
        open_feed(folder, dataclasses.replace(manifest, classes=fewer), 0, available_bytes, distribution).take(0, 0, 22)
