"""Processing job: evaluate the trained archive on the test split, and compare it with the baselines.

`python3 -m training.reviews_lstm.evaluate`
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pages import curves
from pages.markup import join, note, number, percent
from pages.page import Section, render
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
from training.reviews_lstm import baseline, comparison, looks, readings
from training.reviews_lstm.algorithm import ALGORITHM, CLASSES
from training.reviews_lstm.baseline import Baselines
from training.reviews_lstm.comparison import Scores
from training.reviews_lstm.train import check_manifest
from training.reviews_lstm.trained import Trained

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
    """The whole split: texts, labels int64 [n], and every model's probabilities of "positive", float [n]."""

    texts: list[bytes]
    labels: np.ndarray
    positive: np.ndarray
    beside: Baselines

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
        of_baselines = ("baseline_accuracy", "baseline_with_polarities_accuracy")
        return self.evaluation.shares() | dict.fromkeys(of_baselines, len(self.labels))

    def metrics(self) -> dict[str, float]:
        """The metrics of the network, and the baselines' on the same reviews."""
        network, baseline = Scores.of(self.positive, self.labels), Scores.of(self.beside.words, self.labels)
        return self.evaluation.metrics() | {
            "auc": network.auc,
            "calibration_error": network.calibration_error,
            "baseline_accuracy": baseline.accuracy,
            "baseline_auc": baseline.auc,
            "baseline_calibration_error": baseline.calibration_error,
            "baseline_with_polarities_accuracy": Scores.of(self.beside.polarities, self.labels).accuracy,
        }


def main(container: Container) -> None:
    """Write evaluation.json and report.html. Raises JobError for a missing or damaged archive or shard."""
    test, manifest = read_test_split(container, check_manifest)
    beside = baseline.read(test, manifest.records)
    with unpacked(container, "model") as saved_model:
        trained = Trained(saved_model)
    predicted = _predict(trained, test, manifest, beside)
    other = champion.measure(container, lambda path: _predict(Trained(path), test, manifest, beside).metrics())
    content = {**predicted.evaluation.as_json(), "metrics": predicted.metrics(), "shares": predicted.shares()}
    facts = Facts.read(container)
    page = _report(facts, predicted, content["metrics"], other, _of_this_model(trained, predicted, manifest, facts))
    write_results(ALGORITHM, container, content | other.as_json(), page)


def _predict(trained: Trained, folder: Path, manifest: Manifest, beside: Baselines) -> Predicted:
    from training.common.shard_reader import read_columns  # imports TensorFlow

    columns = read_columns(folder, manifest)
    texts = columns["text"].tolist()
    return Predicted(texts, columns["label"], trained.positive(texts), beside)


def _of_this_model(trained: Trained, predicted: Predicted, manifest: Manifest, facts: Facts) -> list[Section]:
    """The sections on calibration, words of the worst mistakes, and looks at the split."""
    worst = mistakes.worst(predicted.labels, predicted.classes, predicted.probabilities, readings.READ)
    read = [(_heading(predicted, index), trained.reading(predicted.texts[index])) for index in worst]
    right = predicted.labels == predicted.classes
    calibrated = calibration.section(Calibration.of(predicted.probabilities, right))
    return [
        replace(calibrated, html=join(note(trained.factor), calibrated.html)),
        readings.section(read),
        looks.section(manifest, facts.execution),
    ]


def _heading(predicted: Predicted, index: int) -> str:
    return f"{CLASSES[predicted.labels[index]]} taken for {CLASSES[predicted.classes[index]]}"


def _report(facts: Facts, predicted: Predicted, metrics: dict[str, float], other: Champion, own: list[Section]) -> str:
    shares = predicted.shares()
    shown = [*gate.figures(metrics, FIGURES, facts.execution.get("gate"), shares), *about_run.figures(facts)]
    right, evaluation = predicted.labels == predicted.classes, predicted.evaluation
    what = f"{evaluation.examples:,} reviews of the test split, through the signature serving_default"
    sections = [
        *about_run.compared(facts, metrics, shares, other),
        comparison.section(predicted.positive, predicted.beside, predicted.labels),
        curves.section(facts.history, why_missing=facts.missing.get(HISTORY, "")),
        confusion.section(evaluation, CLASSES),
        mistakes.section(_worst(predicted), int((~right).sum()), evaluation.examples),
        *own,
        *about_run.sections(facts),
    ]
    return render("reviews-lstm", what, shown, sections, about_run.about(facts))


def _worst(predicted: Predicted) -> list[Mistake]:
    chosen = mistakes.worst(predicted.labels, predicted.classes, predicted.probabilities)
    return [
        Mistake(
            _cut(predicted.texts[index].decode()),
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
