"""Comparison of network and baselines on the same reviews: scores, significance, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pages.markup import join, note, number, percent, table
from pages.page import Section
from training.common.report.calibration import Calibration
from training.reviews_lstm.baseline import Baselines

SURE = 1.96
"""A difference of more standard errors than this is significant at the level of 5 %."""

WORDS, POLARITIES = "logistic regression on words and pairs of words", "same regression with polarities"
ON = "On the same test split"
HELPED = (
    "The regression with polarities has every help that the network has: polarities from the same training reviews, "
    "counted without a review's own fold. It lacks the order of the words, and is fitted to labels, not to ratings."
)


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


def section(network: np.ndarray, beside: Baselines, labels: np.ndarray) -> Section:
    """The report's section with all scores; the network's probabilities of "positive" are float [n]."""
    models = {"LSTM": network, WORDS: beside.words, POLARITIES: beside.polarities}
    rows = [
        (name, percent(scores.accuracy), number(scores.auc), percent(scores.calibration_error))
        for name, scores in ((name, Scores.of(positive, labels)) for name, positive in models.items())
    ]
    columns = ("model", "accuracy#", "area under the ROC curve#", "calibration error#")
    right = {name: right_of(positive, labels) for name, positive in models.items()}
    said = [note(verdict(right["LSTM"], right[name], name)) for name in (WORDS, POLARITIES)]
    return Section("Compared with a bag of words", join(*said, note(HELPED), table(ON, columns, rows)))


def verdict(network: np.ndarray, baseline: np.ndarray, name: str) -> str:
    """A sentence on the difference in accuracy and its significance, from the masks bool [n].

    It is a paired comparison with the baseline of this name.
    """
    differences = network.astype(int) - baseline.astype(int)
    mean, error = float(differences.mean()), float(differences.std() / np.sqrt(len(differences)))
    points = f"{mean * 100:+.2f} points of accuracy, standard error {error * 100:.2f}, on {len(network):,} reviews"
    if abs(mean) <= SURE * error:
        return f"The LSTM and the {name} do not differ by more than chance: {points}."
    return f"The LSTM {'wins over' if mean > 0 else 'LOSES TO'} the {name}: {points}."
