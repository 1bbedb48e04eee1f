"""Metrics of drawn digits, from the judge's features and probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.common.frechet import frechet_distance
from training.digits_gan.algorithm import DATA

SURE = 0.9


@dataclass(frozen=True)
class Judged:
    """The judge's view of images: features float32 [n, d], probabilities float32 [n, 10]."""

    features: np.ndarray
    probabilities: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """The number of images classified as each digit, int64 [10]."""
        return np.bincount(self.probabilities.argmax(1), minlength=len(DATA.classes))


def metrics(real: Judged, drawn: Judged) -> dict[str, float]:
    """The metrics of drawn images, beside real ones.

    frechet_distance: from every second real image to as many drawn ones; frechet_floor: to the other real ones, below
    which the distance falls only by chance; class_balance: the entropy of the predicted classes of drawn images, over
    that of ten equally frequent ones, from 0 to 1; recognised: the share with a probability of at least 90 %.

    Every second, because the t10k files' first half is easier than their second ("The MNIST database of handwritten
    digits"); equal numbers on all sides, because the distance shrinks with the number of images.
    """
    even, odd = real.features[::2], real.features[1::2]
    shares = drawn.counts[drawn.counts > 0] / len(drawn.features)
    return {
        "frechet_distance": frechet_distance(even, drawn.features[: len(odd)]),
        "frechet_floor": frechet_distance(even, odd),
        "class_balance": float(-(shares * np.log(shares)).sum() / np.log(len(DATA.classes))),
        "recognised": float((drawn.probabilities.max(1) >= SURE).mean()),
    }
