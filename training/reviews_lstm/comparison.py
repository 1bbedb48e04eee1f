"""Comparison of network and baseline on the same reviews: scores, significance, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pages.markup import note, number, percent, table
from pages.page import Section
from training.common.report.calibration import Calibration

SURE = 1.96
"""A difference of more standard errors than this is significant at the level of 5 %."""


@dataclass(frozen=True)
class Scores:
    """Scores of the probabilities of "positive", all from 0 to 1."""

    accuracy: float
    auc: float
    calibration_error: float

    @classmethod
    def of(cls, positive: np.ndarray, labels: np.ndarray) -> Scores:
        """Score probabilities float [n] against labels, 0 or 1 [n]."""
        right = right_of(positive, labels)
        error = Calibration.of(np.maximum(positive, 1 - positive), right).error
        return cls(float(right.mean()), _auc(positive, labels), error)


def right_of(positive: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mask of correctly classified reviews, bool [n]."""
    return (positive > 0.5) == (labels == 1)


def _auc(positive: np.ndarray, labels: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, positive)) if len(np.unique(labels)) == 2 else 0.0


def section(network: np.ndarray, baseline: np.ndarray, labels: np.ndarray) -> Section:
    """The report's section with both scores; the probabilities of "positive" are float [n]."""
    rows = [
        (name, percent(scores.accuracy), number(scores.auc), percent(scores.calibration_error))
        for name, scores in (
            ("LSTM", Scores.of(network, labels)),
            ("Logistic regression on words and pairs of words", Scores.of(baseline, labels)),
        )
    ]
    columns = ("model", "accuracy#", "area under the ROC curve#", "calibration error#")
    said = verdict(right_of(network, labels), right_of(baseline, labels))
    return Section("Compared with a bag of words", note(said) + table("On the same test split", columns, rows))


def verdict(network: np.ndarray, baseline: np.ndarray) -> str:
    """A sentence on the difference in accuracy and its significance, from the masks bool [n].

    It is a paired comparison.
    """
    differences = network.astype(int) - baseline.astype(int)
    mean, error = float(differences.mean()), float(differences.std() / np.sqrt(len(differences)))
    kind = "wins over" if mean > 0 else "LOSES TO" if mean < 0 else "equals"
    points = f"{mean * 100:+.2f} points of accuracy, standard error {error * 100:.2f}"
    sure = "significant" if abs(mean) > SURE * error else "not significant"
    return f"The LSTM {kind} the logistic regression: {points}, which is {sure} on {len(network):,} reviews."
