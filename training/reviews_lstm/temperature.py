"""The factor on a trained network's logit, fitted on validation reviews.

It makes probabilities true, and changes no class. Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern
Neural Networks" (2017), who divide by a temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LOWEST, HIGHEST = 0.1, 10.0
HALVINGS = 50


@dataclass(frozen=True)
class Factor:
    """The factor, and a sentence on where it comes from."""

    value: float
    said: str

    @classmethod
    def fit(cls, logits: np.ndarray, labels: np.ndarray) -> Factor:
        """The factor of least loss on reviews, or 1 for reviews of one class.

        `logits` are float [n], `labels` 0 or 1 [n].
        """
        if len(np.unique(labels)) < 2:
            return cls(1.0, "The logit has no factor: the validation reviews are of one class, and would fit any.")
        value = _least(logits.astype(float), labels)
        return cls(value, f"The logit is multiplied by {value:.3f}, fitted on {len(labels):,} validation reviews.")


def _least(logits: np.ndarray, labels: np.ndarray) -> float:
    """Bisection of the loss's slope, which rises: the loss is convex in the factor."""
    low, high = LOWEST, HIGHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        probabilities = 0.5 + 0.5 * np.tanh(middle * logits / 2)
        if np.sum((probabilities - labels) * logits) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
