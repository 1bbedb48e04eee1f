"""What the judge says of drawn digits: numbers from its features and its probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.common.frechet import frechet_distance
from training.common.mnist import CLASSES

SURE = 0.9


@dataclass(frozen=True)
class Judged:
    """A set of images in the judge's eyes: features float32 [n, d], probabilities float32 [n, 10]."""

    features: np.ndarray
    probabilities: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """How many images were taken for each class, int64 [10]."""
        return np.bincount(self.probabilities.argmax(1), minlength=CLASSES)


def metrics(real: Judged, drawn: Judged) -> dict[str, float]:
    """Four numbers.

    frechet_distance: from every second real image to as many drawn ones; frechet_floor: to the other real ones, which
    the distance cannot undercut by more than chance; class_balance: the entropy of the classes that drawn images are
    taken for, over that of ten equal ones, from 0 to 1; recognised: the share that the judge is 90 % sure of.

    Every second, because the t10k files' first half is easier than their second ("The MNIST database of handwritten
    digits"); equally many on all sides, because the distance shrinks with the number of images.
    """
    even, odd = real.features[::2], real.features[1::2]
    shares = drawn.counts[drawn.counts > 0] / len(drawn.features)
    return {
        "frechet_distance": frechet_distance(even, drawn.features[: len(odd)]),
        "frechet_floor": frechet_distance(even, odd),
        "class_balance": float(-(shares * np.log(shares)).sum() / np.log(CLASSES)),
        "recognised": float((drawn.probabilities.max(1) >= SURE).mean()),
    }
