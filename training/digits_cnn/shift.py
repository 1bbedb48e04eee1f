"""Augmentation: a random shift of each training batch."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from training.common.step_counter import add_step_counter


class BatchShift(keras.layers.Layer):
    """Moves all images of a training batch by the same random number of pixels.

    The shift depends on seed and step alone, so it is the same on all replicas and after a resumption. Pixels that
    leave the image on one side come back on the other. A shift for each image alone would take longer than a
    convolution.
    """

    def __init__(self, most: int, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self.most, self.seed = most, seed

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the counter of steps."""
        self.steps = add_step_counter(self)

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """The images [n, height, width], moved by at most `most` pixels each way."""
        if not training or not self.most:
            return inputs
        seed = tf.stack([tf.constant(self.seed, tf.int64), self.steps.value])
        pixels = tf.random.stateless_uniform([2], seed, -self.most, self.most + 1, tf.int32)
        self.steps.assign_add(1)
        return tf.ensure_shape(tf.roll(inputs, pixels, [1, 2]), inputs.shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that build this layer again."""
        return super().get_config() | {"most": self.most, "seed": self.seed}
