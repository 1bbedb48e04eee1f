"""Validation of the generator during training, without a judge: a distance of coarse pixels, and a sheet."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from training.common.frechet import frechet_distance
from training.common.metrics import emit
from training.digits_gan.algorithm import MOST_IMAGES
from training.digits_gan.export import Served
from training.digits_gan.fitting import AdversarialFitting
from training.digits_gan.samples import COLUMNS, ROWS, Samples

COARSE = 4
PARTS = 8


class SampleValidation:
    """Emits validation:pixel_frechet, the Frechet distance of images as 7 x 7 means of pixels.

    Each mean is over 4 x 4 pixels from 0 to 1. The distance shows a generator that collapses or drifts, and a search
    can minimise it; the gate uses the judge's distance.
    """

    def __init__(self, fitting: AdversarialFitting, real: np.ndarray, samples: Samples, seed: int) -> None:
        self._fitting, self._real, self._samples, self._seed = fitting, _coarse(real), samples, seed

    def __call__(self, step: int) -> None:
        served = Served(self._fitting.averaged())
        answers = (served.draw(tf.constant(self._seed + part, tf.int64), MOST_IMAGES) for part in range(PARTS))
        drawn = np.concatenate([answer["images"].numpy() for answer in answers])
        emit("validation:pixel_frechet", frechet_distance(_coarse(drawn), self._real), step)
        if self._samples.wanted(step):
            self._samples.keep(drawn[: ROWS * COLUMNS], step)


def _coarse(images: np.ndarray) -> np.ndarray:
    """Images uint8 [n, 28, 28] as float64 [n, 49]."""
    count, height, width = images.shape
    blocks = images.reshape(count, height // COARSE, COARSE, width // COARSE, COARSE)
    return blocks.mean((2, 4)).reshape(count, -1) / 255
