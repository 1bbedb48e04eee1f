"""Processing job: evaluate the trained archive on the test split, through its serving signature.

`python3 -m training.digits_cnn.evaluate` takes about 8 s for 10,000 images, 5 of them for importing TensorFlow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pages import curves
from pages.markup import percent
from pages.page import render
from pages.run_files import HISTORY
from training.common import champion, failure
from training.common.champion import Champion
from training.common.container import Container
from training.common.evaluation import Evaluation
from training.common.evaluation_job import read_test_split, unpacked, write_results
from training.common.manifest import Manifest
from training.common.report import about_run, calibration, confusion, gate, mistakes
from training.common.report.calibration import Calibration
from training.common.report.facts import Facts
from training.common.report.mistakes import Mistake
from training.common.tensorflow_start import import_tensorflow
from training.digits_cnn.algorithm import ALGORITHM, DATA

BATCH_SIZE = 500
FIGURES = {
    "accuracy": ("accuracy", percent),
    "precision": ("macro precision", percent),
    "recall": ("macro recall", percent),
    "f1": ("macro F1", percent),
    "calibration_error": ("calibration error", percent),
}


def main(container: Container) -> None:
    """Write evaluation.json and report.html. Raises JobError for a missing or damaged archive or shard."""
    test, manifest = read_test_split(container, DATA.check_manifest)
    with unpacked(container, "model") as saved_model:
        predicted = _predict(saved_model, test, manifest)
    beside = champion.measure(container, lambda other: _predict(other, test, manifest).metrics())
    content = {**predicted.evaluation.as_json(), "metrics": predicted.metrics()}
    page = _report(Facts.read(container), predicted, content["metrics"], beside)
    write_results(ALGORITHM, container, content | beside.as_json(), page)


def _report(facts: Facts, predicted: Predicted, metrics: dict[str, float], beside: Champion) -> str:
    evaluation = predicted.evaluation
    shares = evaluation.shares()
    shown = [*gate.figures(metrics, FIGURES, facts.execution.get("gate"), shares), *about_run.figures(facts)]
    wrong = evaluation.examples - int(np.trace(evaluation.confusion))
    what = f"{evaluation.examples:,} images of the test split, through the signature serving_default"
    sections = [
        *about_run.compared(facts, metrics, shares, beside),
        curves.section(facts.history, why_missing=facts.missing.get(HISTORY, "")),
        confusion.section(evaluation, DATA.classes),
        mistakes.section(_worst(predicted), wrong, evaluation.examples),
        calibration.section(predicted.calibration),
        *about_run.sections(facts),
    ]
    return render("digits-cnn", what, shown, sections, about_run.about(facts))


@dataclass(frozen=True)
class Predicted:
    """The whole split: images, labels int64 [n], predicted classes int64 [n], their probabilities float32 [n]."""

    images: np.ndarray
    labels: np.ndarray
    classes: np.ndarray
    probabilities: np.ndarray

    @property
    def evaluation(self) -> Evaluation:
        return Evaluation.of(self.labels, self.classes, len(DATA.classes))

    @property
    def calibration(self) -> Calibration:
        return Calibration.of(self.probabilities, self.labels == self.classes)

    def metrics(self) -> dict[str, float]:
        """The metrics of the classifier, and its calibration error."""
        return self.evaluation.metrics() | {"calibration_error": self.calibration.error}


def _predict(saved_model: Path, folder: Path, manifest: Manifest) -> Predicted:
    import_tensorflow()  # here, so that missing or damaged input is reported without waiting for it
    import tensorflow as tf

    from training.common.shard_reader import read_whole

    images, labels = read_whole(folder, manifest)
    loaded = tf.saved_model.load(str(saved_model))
    signature = loaded.signatures["serving_default"]
    predictions, probabilities = [], []
    for start in range(0, len(images), BATCH_SIZE):
        answer = signature(images=tf.constant(images[start : start + BATCH_SIZE]))
        predictions.append(answer["class"].numpy())
        probabilities.append(answer["probability"].numpy())
    return Predicted(images, labels, np.concatenate(predictions), np.concatenate(probabilities))


def _worst(predicted: Predicted) -> list[Mistake]:
    chosen = mistakes.worst(predicted.labels, predicted.classes, predicted.probabilities)
    return [
        Mistake(
            predicted.images[index],
            DATA.classes[predicted.labels[index]],
            DATA.classes[predicted.classes[index]],
            float(predicted.probabilities[index]),
        )
        for index in chosen
    ]


if __name__ == "__main__":
    failure.run(main)
