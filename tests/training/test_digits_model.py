"""The layers of digits-cnn: a matrix that convolves, and batches that are shifted by seed and step alone."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from declared_values import received

from training.digits_cnn.algorithm import Settings
from training.digits_cnn.convolution import Convolution
from training.digits_cnn.model import build
from training.digits_cnn.run import make_optimizer
from training.digits_cnn.shift import BatchShift

pytestmark = pytest.mark.tensorflow

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)


def test_the_matrix_convolves_as_keras_does() -> None:
    inputs = np.random.default_rng(0).normal(size=(2, 6, 6, 4)).astype(np.float32)
    ours, theirs = Convolution(8, seed=3), keras.layers.Conv2D(8, 3, use_bias=False)
    answer = ours(inputs)
    theirs.build(inputs.shape)
    theirs.kernel.assign(tf.reshape(ours.kernel, theirs.kernel.shape))
    np.testing.assert_allclose(answer, theirs(inputs), rtol=1e-5, atol=1e-5)


def test_muon_trains_all_matrices_but_the_last_layers() -> None:
    settings = Settings.parse(received("digits_cnn"))
    weights = build({"mean": 33.0, "deviation": 78.0}, settings, "float32").trainable_variables
    muon = make_optimizer(settings, 100, "float32")
    muon.build(weights)
    by_muon = [weight.shape for weight, velocity in zip(weights, muon.adam_velocities, strict=True) if velocity is None]
    assert by_muon == [(9 * 4, 32), (9 * 32, 64), (9 * 64, 64), (2 * 2 * 64, 128)]


def test_training_batches_are_moved_by_seed_and_step_alone() -> None:
    layer, again = BatchShift(1, seed=5, dtype="uint8"), BatchShift(1, seed=5, dtype="uint8")
    first = [layer(IMAGES, training=True).numpy() for _ in range(20)]
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    found = [next(by for by in shifts if np.array_equal(np.roll(IMAGES, by, (1, 2)), moved)) for moved in first]
    assert len(set(found)) > 4
    again.build(IMAGES.shape)
    again.steps.assign(7)
    np.testing.assert_array_equal(again(IMAGES, training=True), first[7])


@pytest.mark.parametrize(("most", "training"), [(1, False), (0, True)])
def test_what_is_served_is_not_moved(most: int, training: bool) -> None:
    np.testing.assert_array_equal(BatchShift(most, seed=5, dtype="uint8")(IMAGES, training=training), IMAGES)
