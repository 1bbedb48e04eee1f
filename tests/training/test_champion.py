"""The champion, measured beside the candidate on the candidate's test split."""

from __future__ import annotations

import json
import math
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digits_lab import prepared

from training.common import champion
from training.common.champion import LONGEST_PROBLEM, Champion
from training.common.container import Container
from training.common.errors import JobError
from training.common.manifest import Manifest
from training.digits_cnn import evaluate as digits
from training.digits_gan import evaluate as gan

pytestmark = pytest.mark.tensorflow


def archived(folder: Path, container: Container, name: str) -> None:
    """The folder as the model.tar.gz of an input."""
    place = container.base / "processing" / "input" / name
    place.mkdir(parents=True)
    with tarfile.open(place / "model.tar.gz", "w:gz") as tar:
        tar.add(folder, ".")


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path / "ml")


@pytest.fixture
def any_archive(container: Container, tmp_path: Path) -> Container:
    (tmp_path / "model" / "1").mkdir(parents=True)
    (tmp_path / "model" / "1" / "saved_model.pb").write_bytes(b"")
    archived(tmp_path / "model", container, "champion")
    return container


def test_a_job_without_its_archive_measures_nothing(container: Container) -> None:
    found = champion.measure(container, lambda _: pytest.fail("there is no archive"))
    assert (found, found.as_json()) == (Champion(), {})


def test_its_metrics_are_those_of_the_same_code(any_archive: Container) -> None:
    found = champion.measure(any_archive, lambda saved_model: {"files": len(list(saved_model.iterdir()))})
    assert found.as_json() == {"champion": {"metrics": {"files": 1}}}


def failing(error: Exception) -> Callable[[Path], Mapping[str, float]]:
    def measure(_: Path) -> Mapping[str, float]:
        raise error

    return measure


@pytest.mark.parametrize(
    ("measure", "problem"),
    [
        (failing(JobError("It has no 'texts'.")), "It has no 'texts'."),
        (failing(ValueError("the input\n  has\tanother shape")), "ValueError: the input has another shape"),
        (failing(KeyError("serving_default")), "KeyError: 'serving_default'"),
        (failing(RuntimeError("\x00a\x1b[31mb")), "RuntimeError: a[31mb"),
        (lambda _: {"accuracy": 0.9, "auc": math.nan}, "The champion's auc is no finite number."),
    ],
)
def test_an_error_is_a_finding(any_archive: Container, measure: Any, problem: str) -> None:
    found = champion.measure(any_archive, measure)
    assert found.as_json() == {"champion": {"problem": problem}}


def test_a_long_problem_is_cut(any_archive: Container) -> None:
    found = champion.measure(any_archive, failing(ValueError("x" * 5000)))
    assert len(found.problem) == LONGEST_PROBLEM
    assert found.problem.endswith("x…")


def test_a_damaged_archive_is_a_finding(container: Container) -> None:
    place = container.base / "processing" / "input" / "champion"
    place.mkdir(parents=True)
    assert "holds no model.tar.gz" in champion.measure(container, failing(ValueError())).problem
    (place / "model.tar.gz").write_bytes(b"no archive")
    assert "model.tar.gz cannot be unpacked" in champion.measure(container, failing(ValueError())).problem


def classifier(folder: Path, always: int, argument: str = "images") -> Path:
    """A SavedModel that sees one digit in every image."""
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec([None, 28, 28], tf.uint8, argument)])
    def serve(images: Any) -> dict[str, Any]:
        count = tf.shape(images)[0]
        return {"class": tf.fill([count], tf.constant(always, tf.int64)), "probability": tf.fill([count], 0.9)}

    tf.saved_model.save(tf.Module(), str(folder / "1"), signatures={"serving_default": serve})
    return folder


def evaluated(module: Any, container: Container) -> dict[str, Any]:
    """The content of evaluation.json."""
    inputs = container.base / "processing" / "input"
    (inputs / "test").symlink_to(prepared() / "test")
    module.main(container)
    output = container.base / "processing" / "output" / "evaluation"
    assert "Compared with the champion" in (output / "report.html").read_text()
    return json.loads((output / "evaluation.json").read_text())


def test_two_classifiers_on_one_split(container: Container, tmp_path: Path) -> None:
    archived(classifier(tmp_path / "candidate", 1), container, "model")
    archived(classifier(tmp_path / "champion", 7), container, "champion")
    content = evaluated(digits, container)
    classes = Manifest.read(prepared() / "test").classes
    shares = {digit: classes[digit] / sum(classes.values()) for digit in ("1", "7")}
    assert content["metrics"]["accuracy"] == pytest.approx(shares["1"])
    assert content["champion"]["metrics"]["accuracy"] == pytest.approx(shares["7"])
    assert content["champion"]["metrics"].keys() == content["metrics"].keys()


def test_a_champion_with_another_input(container: Container, tmp_path: Path) -> None:
    archived(classifier(tmp_path / "candidate", 1), container, "model")
    archived(classifier(tmp_path / "champion", 7, "pictures"), container, "champion")
    content = evaluated(digits, container)
    assert content["metrics"]["accuracy"] > 0
    assert content["champion"].keys() == {"problem"}
    assert "TypeError" in content["champion"]["problem"]


def generator(folder: Path, white: int) -> Path:
    """A SavedModel that draws images of noise from 0 to `white`."""
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec([], tf.int64, "seed"), tf.TensorSpec([], tf.int32, "count")])
    def draw(seed: Any, count: Any) -> dict[str, Any]:
        noise = tf.random.stateless_uniform([count, 28, 28], [seed, seed], 0, white, tf.int32)
        return {"images": tf.cast(noise, tf.uint8)}

    tf.saved_model.save(tf.Module(), str(folder / "1"), signatures={"serving_default": draw})
    return folder


def judge(folder: Path) -> Path:
    """A SavedModel that sees the mean and the deviation of an image."""
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec([None, 28, 28], tf.uint8, "images")])
    def see(images: Any) -> dict[str, Any]:
        flat = tf.cast(tf.reshape(images, [-1, 28 * 28]), tf.float32)
        features = tf.stack([tf.reduce_mean(flat, 1), tf.math.reduce_std(flat, 1)], 1)
        return {"features": features, "probabilities": tf.one_hot(tf.cast(features[:, 0], tf.int32) % 10, 10)}

    tf.saved_model.save(tf.Module(), str(folder / "1"), signatures={"features": see})
    return folder


def test_two_generators_before_one_judge(container: Container, tmp_path: Path) -> None:
    archived(generator(tmp_path / "candidate", 256), container, "model")
    archived(generator(tmp_path / "champion", 2), container, "champion")
    archived(judge(tmp_path / "judge"), container, "judge")
    content = evaluated(gan, container)
    measured, beside = content["metrics"], content["champion"]["metrics"]
    assert measured["frechet_floor"] == beside["frechet_floor"]  # of the split alone
    assert not np.isclose(measured["frechet_distance"], beside["frechet_distance"])
