"""The generator as a SavedModel that draws "n digits of this seed"."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from training.digits_gan.algorithm import DATA, LATENT, MOST_IMAGES
from training.digits_gan.model import generator_input


class Served(tf.Module):
    """The generator and its signatures. Only operations of TensorFlow Serving 2.20 are used.

    Random numbers are stateless and from a named algorithm: a seed draws the same digits on every server, up to the
    last bit of a grey level where processors round differently.
    """

    def __init__(self, generator: keras.Model) -> None:
        super().__init__()
        self._generator = generator
        self.weights = [variable.value for variable in generator.variables]

    def signatures(self) -> dict[str, tf.types.experimental.ConcreteFunction]:
        """By name."""
        scalars = tf.TensorSpec([], tf.int64, "seed"), tf.TensorSpec([], tf.int32, "count")
        digit = tf.TensorSpec([], tf.int32, "digit")
        return {
            "serving_default": self.draw.get_concrete_function(*scalars),
            "serving_digit": self.draw_digit.get_concrete_function(*scalars, digit),
        }

    @tf.function
    def draw(self, seed: tf.Tensor, count: tf.Tensor) -> dict[str, tf.Tensor]:
        """Draw the first 1 to MOST_IMAGES images of a seed, uint8 [count, 28, 28]: bright strokes on black.

        Each image is of a digit that is drawn by chance, all ten being equally likely.
        """
        digits = tf.random.stateless_uniform(
            [MOST_IMAGES], tf.stack([seed, 1]), 0, len(DATA.classes), tf.int32, alg="philox"
        )
        return self._drawn(seed, count, digits)

    @tf.function
    def draw_digit(self, seed: tf.Tensor, count: tf.Tensor, digit: tf.Tensor) -> dict[str, tf.Tensor]:
        """Draw as `draw`, but every image of the digit 0 to 9."""
        message = f"digit must be from 0 to {len(DATA.classes) - 1}"
        at_least = tf.debugging.assert_non_negative(digit, message)
        at_most = tf.debugging.assert_less(digit, len(DATA.classes), message)
        with tf.control_dependencies([at_least, at_most]):
            digits = tf.fill([MOST_IMAGES], digit)
        return self._drawn(seed, count, digits)

    def _drawn(self, seed: tf.Tensor, count: tf.Tensor, digits: tf.Tensor) -> dict[str, tf.Tensor]:
        message = f"count must be from 1 to {MOST_IMAGES}"
        at_least = tf.debugging.assert_positive(count, message)
        at_most = tf.debugging.assert_less_equal(count, MOST_IMAGES, message)
        with tf.control_dependencies([at_least, at_most]):
            latent = tf.random.stateless_normal([MOST_IMAGES, LATENT], tf.stack([seed, 0]), alg="philox")
        images = self._generator(generator_input(latent[:count], digits[:count]), training=False)[..., 0]
        return {"images": tf.cast(tf.round((images + 1) * 127.5), tf.uint8)}


def export(generator: keras.Model, folder: Path) -> None:
    """Write the SavedModel into a folder named by a number, the serving container's version."""
    served = Served(generator)
    tf.saved_model.save(served, str(folder), served.signatures())
