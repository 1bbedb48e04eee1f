"""Many optimizer steps in one graph call: Python between two costs more than a small step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import keras
import tensorflow as tf

from training.common.distribution import Distribution

Metrics = dict[str, tf.Tensor]


class Fitting(Protocol):
    """The training steps of a model, and the state that a checkpoint must hold."""

    def run(self, *batches: tf.Tensor) -> Metrics:
        """Do one optimizer step for each batch; return the means of their metrics by name."""

    def variables(self) -> dict[str, list[tf.Variable]]:
        """All state that a resumed run needs, by part: weights, optimizer slots, seeds, counters."""


def compile_steps(
    distribution: Distribution, signature: Sequence[tf.TensorSpec], names: Sequence[str], step: Callable[..., Metrics]
) -> Callable[..., Metrics]:
    """Compile a function that runs `step` for each batch of a chunk, on all replicas.

    `step` gets a replica's part of one batch, and returns its part of the metrics `names`. The parts of all replicas
    are summed, so means must be divided by the global batch (`tf.nn.compute_average_loss`). The tensors of a chunk
    match `signature`, [batches * host_batch_size, ...]. The graph is made at once, without AutoGraph, which would take
    as long again to translate the code: control flow in `step` is TensorFlow's own.
    """
    strategy, size, part = distribution.strategy, distribution.host_batch_size, distribution.replica_batch_size

    def replica_step(*batch: tf.Tensor) -> Metrics:
        if part != size:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            first = replica % distribution.host_replicas * part
            batch = tuple(tensor[first : first + part] for tensor in batch)
        return step(*(tf.ensure_shape(tensor, [part, *tensor.shape[1:]]) for tensor in batch))

    @tf.function(input_signature=signature, autograph=False)
    def run(*chunk: tf.Tensor) -> Metrics:
        count = tf.shape(chunk[0])[0] // size

        def next_batch(number: tf.Tensor, totals: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            batch = [tensor[number * size : (number + 1) * size] for tensor in chunk]
            metrics = strategy.run(replica_step, args=batch)
            parts = [tf.add_n(strategy.experimental_local_results(metrics[name])) for name in names]
            return number + 1, totals + tf.stack(parts)

        _, totals = tf.while_loop(lambda number, _: number < count, next_batch, (0, tf.zeros([len(names)])))
        means = distribution.sum_over_hosts(totals) / tf.cast(count, tf.float32)
        return dict(zip(names, tf.unstack(means), strict=True))

    return run.get_concrete_function()


class ClassifierFitting:
    """A classifier that returns logits, trained on its softmax cross-entropy with label smoothing.

    Source: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (2016), section 7.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        distribution: Distribution,
        label_smoothing: float,
    ) -> None:
        """Build both within `distribution.strategy.scope()`, the optimizer's slots too."""
        self.model, self.optimizer = model, optimizer
        weights = model.trainable_variables
        inputs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in model.inputs]
        classes = model.outputs[0].shape[-1]

        def step(*batch: tf.Tensor) -> Metrics:
            *examples, labels = batch
            with tf.GradientTape() as tape:
                logits = tf.cast(model(examples if len(examples) > 1 else examples[0], training=True), tf.float32)
                targets = tf.one_hot(labels, classes) * (1 - label_smoothing) + label_smoothing / classes
                losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
                loss = tf.nn.compute_average_loss(losses, global_batch_size=distribution.batch_size)
                scaled = optimizer.scale_loss(loss)
            optimizer.apply(tape.gradient(scaled, [weight.value for weight in weights]), weights)
            return {"train:loss": loss}

        self._steps = compile_steps(distribution, [*inputs, tf.TensorSpec([None], tf.int64)], ["train:loss"], step)

    def run(self, *batches: tf.Tensor) -> Metrics:
        """See Fitting; the learning rate is the one after the last step."""
        means = self._steps(*batches)
        return means | {"train:learning_rate": tf.convert_to_tensor(self.optimizer.learning_rate)}

    def variables(self) -> dict[str, list[tf.Variable]]:
        """See Fitting.

        The loss scale of float16 is left out: it adapts again, and so a candidate of the ladder with another precision
        can resume from this checkpoint.
        """
        inner = getattr(self.optimizer, "inner_optimizer", self.optimizer)
        return {
            "model": [variable.value for variable in self.model.variables],
            "optimizer": [variable.value for variable in inner.variables],
        }
