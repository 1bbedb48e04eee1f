"""Optimizer steps on chunks of reviews, with noise from seed and step alone."""

from __future__ import annotations

import keras
import tensorflow as tf

from training.common.distribution import Distribution, replica_rows
from training.common.fitting import Metrics, compile_steps
from training.reviews_lstm.algorithm import Settings
from training.reviews_lstm.model import POLARITIES, Network, Noise, make_noise

SIGNATURE = (
    tf.TensorSpec([None, None, POLARITIES], tf.int32),
    tf.TensorSpec([None, None, POLARITIES], tf.float32),
    tf.TensorSpec([None], tf.float32),
)


class ReviewFitting:
    """See fitting.Fitting. The chunk's tensors are the network's two inputs, and targets from 0 to 1."""

    def __init__(
        self,
        network: Network,
        optimizer: keras.optimizers.Optimizer,
        settings: Settings,
        distribution: Distribution,
    ) -> None:
        """Build both within `distribution.strategy.scope()`, the optimizer's slots too."""
        self._network, self._optimizer = network, optimizer
        self._settings, self._distribution = settings, distribution
        self.run = compile_steps(distribution, SIGNATURE, ["train:loss"], self._step)

    def _step(self, numbers: tf.Tensor, polarities: tf.Tensor, targets: tf.Tensor) -> Metrics:
        weights = self._network.trainable_variables
        with tf.GradientTape() as tape:
            logits = self._network(numbers, polarities, noise=self._noise())
            every = tf.broadcast_to(targets[:, None], tf.shape(logits))
            losses = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(every, logits), 1)
            loss = tf.nn.compute_average_loss(losses, global_batch_size=self._distribution.batch_size)
        gradients = tape.gradient(loss, [weight.value for weight in weights])
        # Dense gradients are summed in one order, whatever the number of threads.
        self._optimizer.apply([tf.convert_to_tensor(gradient) for gradient in gradients], weights)
        return {"train:loss": loss / self._network.shape.members}

    def _noise(self) -> Noise:
        """This replica's rows of the global batch's noise, independent of the number of replicas."""
        settings, distribution = self._settings, self._distribution
        rates = (settings.embedding_dropout, settings.dropout)
        step = self._optimizer.iterations.value
        whole = make_noise(self._network.shape, distribution.batch_size, rates, settings.seed, step)
        rows = replica_rows(distribution.replica_batch_size)
        return Noise(whole.features[rows], whole.found[:, rows])

    def variables(self) -> dict[str, list[tf.Variable]]:
        """See fitting.Fitting."""
        return {
            "model": [variable.value for variable in self._network.variables],
            "optimizer": [variable.value for variable in self._optimizer.variables],
        }
