"""Dropout that is independent of the number of replicas and continues from a checkpoint."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from training.common.distribution import replica_rows
from training.common.step_counter import add_step_counter


class BatchDropout(keras.layers.Layer):
    """Dropout with a mask from seed, step and place in the global batch alone.

    Every replica draws the mask of the whole batch and takes its own rows. Source: Srivastava et al., "Dropout: A
    Simple Way to Prevent Neural Networks from Overfitting" (2014).
    """

    def __init__(self, rate: float, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self.rate, self.seed = rate, seed

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the counter of steps."""
        self.steps = add_step_counter(self)

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Drop a share of the inputs [n, ...], and scale the others up accordingly."""
        if not training or not self.rate:
            return inputs
        count, replicas = tf.shape(inputs)[0], tf.distribute.get_replica_context().num_replicas_in_sync
        shape = tf.concat([[count * replicas], tf.shape(inputs)[1:]], 0)
        noise = tf.random.stateless_uniform(shape, tf.stack([tf.constant(self.seed, tf.int64), self.steps.value]))
        self.steps.assign_add(1)
        kept = tf.cast(noise[replica_rows(count)] >= self.rate, inputs.dtype)
        return inputs * kept * tf.cast(1 / (1 - self.rate), inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that build this layer again."""
        return super().get_config() | {"rate": self.rate, "seed": self.seed}
