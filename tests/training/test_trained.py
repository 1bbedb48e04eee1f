"""A finished training job on a slice of MNIST: its log, its archive, its evaluation."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from digits_lab import ROOT, TEST_RECORDS, evaluated, prepared, trained

from training.common.evaluation import Evaluation
from training.common.manifest import Manifest
from training.common.report.pictures import png
from training.common.temperature import Factor

pytestmark = pytest.mark.tensorflow


def test_the_archive_is_what_the_serving_container_looks_for() -> None:
    model = trained() / "model"
    assert (model / "1" / "saved_model.pb").is_file()
    inference = ROOT / "inference"
    found = {path.name: path.read_text() for path in (model / "code").iterdir()}
    assert found == {
        "inference.py": (inference / "digits_cnn.py").read_text(),
        "serving.py": (inference / "serving.py").read_text(),
    }


@pytest.mark.parametrize("name", ["train:loss", "train:examples_per_second", "validation:accuracy", "validation:loss"])
def test_the_log_holds_every_metric_as_the_definitions_read_it(name: str) -> None:
    values = re.findall(rf"^metric {name}=([0-9.eE+-]+) step=\d+$", (trained() / "log").read_text(), re.MULTILINE)
    assert len(values) >= 2
    assert all(np.isfinite(float(value)) for value in values)


def test_the_history_is_what_the_log_says() -> None:
    found = json.loads((trained() / "output" / "data" / "history.json").read_text())
    printed: dict[str, list[list[float]]] = {}
    for name, value, step in re.findall(r"^metric (\S+)=(\S+) step=(\d+)$", (trained() / "log").read_text(), re.M):
        printed.setdefault(name, []).append([int(step), float(value)])
    assert sorted(found) == sorted(printed)
    for name, points in printed.items():
        np.testing.assert_allclose(found[name], points, rtol=1e-5)


def test_the_archive_has_the_fitted_factor_once() -> None:
    import tensorflow as tf

    from training.common.shard_reader import read_whole

    said = re.search(r"The logits are multiplied by (\S+), fitted", (trained() / "log").read_text())
    assert said
    assert abs(np.log(float(said[1]))) > 0.05, "a factor of 1 would tell nothing"
    folder = prepared() / "validation"
    images, labels = read_whole(folder, Manifest.read(folder))
    classify = tf.saved_model.load(str(trained() / "model" / "1")).signatures["serving_default"]
    logits = np.log(classify(images=tf.constant(images))["probabilities"].numpy() + 1e-12)
    assert Factor.fit(logits, labels).value == pytest.approx(1, abs=0.01)


def test_validation_follows_every_epoch() -> None:
    steps = re.findall(r"validation:accuracy=\S+ step=(\d+)", (trained() / "log").read_text())
    assert [int(step) for step in steps] == [34 * epoch for epoch in range(1, 9)]


def test_evaluation_holds_metrics_that_agree_with_its_matrix() -> None:
    content = json.loads((evaluated() / "evaluation.json").read_text())
    confusion = np.array(content["confusion_matrix"])
    assert content["examples"] == confusion.sum() == TEST_RECORDS
    assert content["metrics"]["accuracy"] == np.trace(confusion) / TEST_RECORDS > 0.9
    assert set(content["metrics"]) == {"accuracy", "precision", "recall", "f1", "calibration_error"}
    assert sorted(content["classes"], key=int) == [str(number) for number in range(10)]


def test_metrics_are_scikit_learn_s() -> None:
    from sklearn.metrics import precision_recall_fscore_support

    random = np.random.default_rng(0)
    truths, predictions = random.integers(0, 9, 500), random.integers(0, 10, 500)
    expected = precision_recall_fscore_support(truths, predictions, labels=range(10), zero_division=0)
    rows = Evaluation.of(truths, predictions, 10).per_class()
    found = [[row[name] for row in rows] for name in ("precision", "recall", "f1", "support")]
    np.testing.assert_allclose(found, expected)


def test_the_report_needs_nothing_beside_it() -> None:
    page = (evaluated() / "report.html").read_text()
    content = json.loads((evaluated() / "evaluation.json").read_text())
    wrong = TEST_RECORDS - round(content["metrics"]["accuracy"] * TEST_RECORDS)
    assert page.count('<img src="data:image/png;base64,') == min(24, wrong)
    assert f"{wrong} of {TEST_RECORDS} examples are wrong" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert page.count('class="chart"') == 4 + 2  # curves, calibration
    assert page.count('class="bars"') == 3  # classes of each split
    assert page.count("The processing job has no input &#x27;execution&#x27;") == 3  # compute, lineage, reproduce


def test_signatures_agree_with_each_other() -> None:
    import tensorflow as tf

    from training.common.shard_reader import read_whole

    images = read_whole(prepared() / "test", Manifest.read(prepared() / "test"))[0][:20]
    loaded = tf.saved_model.load(str(trained() / "model" / "1"))
    pictures = tf.constant([png(image) for image in images])
    answers = [
        loaded.signatures["serving_default"](images=tf.constant(images)),
        loaded.signatures["serving_png"](png_bytes=pictures),
        loaded.signatures["serving_raw"](raw=tf.constant([image.tobytes() for image in images])),
    ]
    first = answers[0]
    assert {name: value.dtype.name for name, value in first.items()} == {
        "class": "int64",
        "probability": "float32",
        "probabilities": "float32",
    }
    np.testing.assert_array_equal(first["class"], np.argmax(first["probabilities"], 1))
    np.testing.assert_array_equal(first["probability"], np.max(first["probabilities"], 1))
    np.testing.assert_allclose(np.sum(first["probabilities"], 1), np.ones(20), rtol=1e-5)
    for answer in answers[1:]:
        for name in first:
            np.testing.assert_allclose(answer[name], first[name], rtol=1e-5)


def test_a_signature_refuses_other_sizes() -> None:
    import tensorflow as tf

    signatures = tf.saved_model.load(str(trained() / "model" / "1")).signatures
    with pytest.raises(tf.errors.InvalidArgumentError, match="png_bytes must be an image of 28 x 28 pixels"):
        signatures["serving_png"](png_bytes=tf.constant([png(np.zeros((28, 27), np.uint8))]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="raw must hold 784 bytes an image"):
        signatures["serving_raw"](raw=tf.constant([bytes(783)]))


def test_the_evaluation_names_the_archive_that_it_measured_and_the_job_its_files() -> None:
    """The checksums are S3's: SHA-256 in Base64."""

    def checksum(path: Path) -> str:
        return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()

    base = evaluated().parents[2]
    content = json.loads((evaluated() / "evaluation.json").read_text())
    archive = base / "processing" / "input" / "model" / "model.tar.gz"
    assert content["archive"] == {"checksum_sha256": checksum(archive)}
    message = (base / "output" / "message").read_text()
    assert json.loads(message) == {name: checksum(evaluated() / name) for name in ("evaluation.json", "report.html")}
    assert len(message.encode()) <= 1024, "SageMaker keeps the first KB"
