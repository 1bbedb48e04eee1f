"""Processing job: evaluate the trained archive on the test split, and compare it with the baseline.

`python3 -m training.reviews_lstm.evaluate` takes about 8 s for 1,537 snippets, 5 of them for importing TensorFlow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pages import curves
from pages.markup import number, percent
from pages.page import render
from pages.run_files import HISTORY
from training.common import champion, failure
from training.common.champion import Champion
from training.common.container import Container
from training.common.errors import JobError
from training.common.evaluation import Evaluation
from training.common.evaluation_job import read_test_split, unpacked, write_results
from training.common.manifest import Manifest
from training.common.report import about_run, calibration, confusion, gate, mistakes
from training.common.report.calibration import Calibration
from training.common.report.facts import Facts
from training.common.report.mistakes import Mistake
from training.common.tensorflow_start import import_tensorflow
from training.reviews_lstm import baseline, comparison
from training.reviews_lstm.algorithm import ALGORITHM, CLASSES
from training.reviews_lstm.comparison import Scores
from training.reviews_lstm.train import check_manifest

BATCH_SIZE = 200
CHARACTERS_SHOWN = 600
FIGURES = {
    "accuracy": ("accuracy", percent),
    "auc": ("area under the ROC curve", number),
    "calibration_error": ("calibration error", percent),
    "f1": ("macro F1", percent),
    "baseline_accuracy": ("accuracy of a bag of words", percent),
}


@dataclass(frozen=True)
class Predicted:
    """The whole split: texts, labels int64 [n], and both models' probabilities of "positive", float [n]."""

    texts: list[str]
    labels: np.ndarray
    positive: np.ndarray
    baseline: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        return (self.positive > 0.5).astype(np.int64)

    @property
    def probabilities(self) -> np.ndarray:
        """The probabilities of the predicted classes, float [n]."""
        return np.maximum(self.positive, 1 - self.positive)

    @property
    def evaluation(self) -> Evaluation:
        return Evaluation.of(self.labels, self.classes, len(CLASSES))

    def shares(self) -> dict[str, int]:
        """The metrics that are a share of so many reviews."""
        return self.evaluation.shares() | {"baseline_accuracy": len(self.labels)}

    def metrics(self) -> dict[str, float]:
        """The metrics of the network, and the baseline's on the same reviews."""
        network, baseline = Scores.of(self.positive, self.labels), Scores.of(self.baseline, self.labels)
        return self.evaluation.metrics() | {
            "auc": network.auc,
            "calibration_error": network.calibration_error,
            "baseline_accuracy": baseline.accuracy,
            "baseline_auc": baseline.auc,
            "baseline_calibration_error": baseline.calibration_error,
        }


def main(container: Container) -> None:
    """Write evaluation.json and report.html. Raises JobError for a missing or damaged archive or shard."""
    test, manifest = read_test_split(container, check_manifest)
    beside = baseline.read(test, manifest.records)
    with unpacked(container, "model") as saved_model:
        predicted = _predict(saved_model, test, manifest, beside)
    other = champion.measure(container, lambda archive: _predict(archive, test, manifest, beside).metrics())
    content = {**predicted.evaluation.as_json(), "metrics": predicted.metrics(), "shares": predicted.shares()}
    page = _report(Facts.read(container), predicted, content["metrics"], other)
    write_results(ALGORITHM, container, content | other.as_json(), page)


def _predict(saved_model: Path, folder: Path, manifest: Manifest, beside: np.ndarray) -> Predicted:
    import_tensorflow()  # here, so that missing or damaged input is reported without waiting for it
    import tensorflow as tf

    from training.common.shard_reader import read_columns

    columns = read_columns(folder, manifest)
    signature = tf.saved_model.load(str(saved_model)).signatures["serving_default"]
    if "texts" not in signature.structured_input_signature[1]:
        raise JobError("The archive's signature serving_default takes no 'texts': it is the model of another package.")
    positive = []
    for start in range(0, manifest.records, BATCH_SIZE):
        answer = signature(texts=tf.constant(columns["text"][start : start + BATCH_SIZE]))
        sure = answer["probability"].numpy()
        positive.append(np.where(answer["class"].numpy() == CLASSES[1].encode(), sure, 1 - sure))
    texts = [text.decode() for text in columns["text"]]
    return Predicted(texts, columns["label"], np.concatenate(positive).astype(float), beside)


def _report(facts: Facts, predicted: Predicted, metrics: dict[str, float], other: Champion) -> str:
    shares = predicted.shares()
    shown = [*gate.figures(metrics, FIGURES, facts.execution.get("gate"), shares), *about_run.figures(facts)]
    right, evaluation = predicted.labels == predicted.classes, predicted.evaluation
    what = f"{evaluation.examples:,} reviews of the test split, through the signature serving_default"
    sections = [
        *about_run.compared(facts, metrics, shares, other),
        comparison.section(predicted.positive, predicted.baseline, predicted.labels),
        curves.section(facts.history, why_missing=facts.missing.get(HISTORY, "")),
        confusion.section(evaluation, CLASSES),
        mistakes.section(_worst(predicted), int((~right).sum()), evaluation.examples),
        calibration.section(Calibration.of(predicted.probabilities, right)),
        *about_run.sections(facts),
    ]
    return render("reviews-lstm", what, shown, sections, about_run.about(facts))


def _worst(predicted: Predicted) -> list[Mistake]:
    chosen = mistakes.worst(predicted.labels, predicted.classes, predicted.probabilities)
    return [
        Mistake(
            _cut(predicted.texts[index]),
            CLASSES[predicted.labels[index]],
            CLASSES[predicted.classes[index]],
            float(predicted.probabilities[index]),
        )
        for index in chosen
    ]


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS_SHOWN else f"{text[:CHARACTERS_SHOWN]} …"


if __name__ == "__main__":
    failure.run(main)
