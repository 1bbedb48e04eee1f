"""A factor on a classifier's logits, fitted on validation, that calibrates its probabilities.

Label smoothing makes a network less sure than it is right. Source: Guo et al., "On Calibration of Modern Neural
Networks" (2017), temperature scaling: they divide by a temperature.
"""

from __future__ import annotations

import numpy as np

LEAST, MOST = 0.1, 10.0
HALVINGS = 30


def losses(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The cross-entropy of each example, float32 [n], for logits [n, classes] and labels int64 [n]."""
    return np.logaddexp.reduce(logits, 1) - np.take_along_axis(logits, labels[:, None], 1)[:, 0]


def fitted_factor(logits: np.ndarray, labels: np.ndarray) -> float:
    """The factor of least loss, from LEAST to MOST.

    It is 1 for examples of one class, which would fit any. It is found by bisection of the loss's slope: the loss is
    convex in the factor.
    """
    if len(np.unique(labels)) < 2:
        print("The logits have no factor: the validation examples are of one class, and would fit any.", flush=True)
        return 1.0
    right = np.take_along_axis(logits, labels[:, None], 1)[:, 0]
    low, high = LEAST, MOST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        chances = np.exp(middle * (logits - logits.max(1, keepdims=True)))
        expected = (chances * logits).sum(1) / chances.sum(1)
        low, high = (middle, high) if (expected - right).mean() < 0 else (low, middle)
    return (low + high) / 2
