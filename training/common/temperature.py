"""A factor on a classifier's logits, fitted on validation, that calibrates its probabilities.

It changes no class. Label smoothing makes a network less sure than it is right, an average of networks, too. Source:
Guo et al., "On Calibration of Modern Neural Networks" (2017), temperature scaling: they divide by a temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST, MOST = 0.1, 10.0
HALVINGS = 30


def losses(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The cross-entropy of each example, float32 [n], for logits [n, classes] and labels int64 [n]."""
    return np.logaddexp.reduce(logits, 1) - np.take_along_axis(logits, labels[:, None], 1)[:, 0]


@dataclass(frozen=True)
class Factor:
    """The factor, and a sentence on where it comes from."""

    value: float
    said: str

    @classmethod
    def fit(cls, logits: np.ndarray, labels: np.ndarray) -> Factor:
        """The factor of least loss from LEAST to MOST; for examples of one class 1.

        `logits` are float [n, classes], `labels` int64 [n].
        """
        if len(np.unique(labels)) < 2:
            return cls(1.0, "The logits have no factor: the validation examples are of one class, and would fit any.")
        value = _least(logits, labels)
        return cls(value, f"The logits are multiplied by {value:.3f}, fitted on {len(labels):,} validation examples.")


def _least(logits: np.ndarray, labels: np.ndarray) -> float:
    """Bisection of the loss's slope, which rises: the loss is convex in the factor."""
    right = np.take_along_axis(logits, labels[:, None], 1)[:, 0]
    low, high = LEAST, MOST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        chances = np.exp(middle * (logits - logits.max(1, keepdims=True)))
        expected = (chances * logits).sum(1) / chances.sum(1)
        low, high = (middle, high) if (expected - right).mean() < 0 else (low, middle)
    return (low + high) / 2
