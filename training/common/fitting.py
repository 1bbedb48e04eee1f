"""Many optimizer steps in one graph call: the Python between two steps costs more than a small model's step."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf


class Fitting:
    """A classifier that returns logits, its optimizer, and the function that runs a chunk of batches through both."""

    def __init__(self, model: keras.Model, optimizer: keras.optimizers.Optimizer, batch_size: int) -> None:
        optimizer.build(model.trainable_variables)
        self.model, self.optimizer = model, optimizer
        self.run: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] = _steps(model, optimizer, batch_size)

    def variables(self) -> dict[str, list[tf.Variable]]:
        """What a checkpoint must hold, by part.

        The loss scale of float16 is left out: it finds its value again, and a candidate of the ladder with another
        precision can go on from this checkpoint.
        """
        inner = getattr(self.optimizer, "inner_optimizer", self.optimizer)
        return {
            "model": [variable.value for variable in self.model.variables],
            "optimizer": [variable.value for variable in inner.variables],
        }


def _steps(model: keras.Model, optimizer: keras.optimizers.Optimizer, batch_size: int) -> Callable:
    shape = tuple(model.inputs[0].shape)
    weights = model.trainable_variables

    def step(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = tf.cast(model(images, training=True), tf.float32)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
            scaled = optimizer.scale_loss(loss)
        optimizer.apply(tape.gradient(scaled, [weight.value for weight in weights]), weights)
        return loss

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.uint8), tf.TensorSpec([None], tf.int64)])
    def run(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """One step for each whole batch; the mean of their losses."""
        count = tf.shape(labels)[0] // batch_size
        total = tf.constant(0.0)
        for number in tf.range(count):
            batch = slice(number * batch_size, (number + 1) * batch_size)
            total += step(tf.ensure_shape(images[batch], [batch_size, *shape[1:]]), labels[batch])
        return total / tf.cast(count, tf.float32)

    return run
