"""The network: word vectors, an LSTM in both directions, mean and maximum over time, one logit."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import tensorflow as tf

from training.reviews_lstm.recurrence import scan
from training.reviews_lstm.words import PADDING, UNKNOWN


@dataclass(frozen=True)
class Shape:
    """The sizes of a network; `directions` is 1 (forwards) or 2."""

    words: int
    embedding: int
    units: int
    directions: int = 2


@dataclass(frozen=True)
class Noise:
    """Dropout masks for training, as multipliers of 0 or more.

    `words` float32 [n, words] is 0 for words to be read as unknown; `features` [n, 1, embedding] and `found`
    [n, 2 * directions * units] also scale the values they keep.
    """

    words: tf.Tensor
    features: tf.Tensor
    found: tf.Tensor


class Network(keras.Model):
    """From word numbers int32 [n, words, 2] (words.Vectoriser) to logits float32 [n] of "positive"."""

    def __init__(self, shape: Shape, seed: int) -> None:
        super().__init__(name="reviews_lstm")
        self.shape = shape
        initial = _Initializers(seed)
        self.vectors = self.add_weight(
            name="vectors", shape=(shape.words, shape.embedding), initializer=initial.uniform()
        )
        self.kernels, self.recurrents, self.biases = [], [], []
        for number in range(shape.directions):
            gates = 4 * shape.units
            self.kernels.append(self._weight(f"kernel_{number}", (shape.embedding, gates), initial.glorot()))
            self.recurrents.append(self._weight(f"recurrent_{number}", (shape.units, gates), initial.orthogonal()))
            self.biases.append(self._weight(f"bias_{number}", (gates,), _forget_nothing))
        found = 2 * shape.directions * shape.units
        self.head = self._weight("head", (found, 1), initial.glorot())
        self.offset = self._weight("offset", (1,), "zeros")
        self.built = True

    def _weight(self, name: str, shape: tuple[int, ...], initializer: object) -> keras.Variable:
        return self.add_weight(name=name, shape=shape, initializer=initializer)

    def call(self, numbers: tf.Tensor, noise: Noise | None = None) -> tf.Tensor:
        """See the class."""
        present = tf.cast(numbers[..., 0] != PADDING, tf.float32)
        if noise is not None:
            numbers = tf.where((noise.words == 0)[..., None] & (numbers != PADDING), UNKNOWN, numbers)
        vectors = tf.reduce_sum(tf.gather(tf.convert_to_tensor(self.vectors), numbers), 2)
        if noise is not None:
            vectors *= noise.features
        found = self._pooled(vectors, present)
        if noise is not None:
            found *= noise.found
        return tf.squeeze(tf.matmul(found, self.head) + self.offset, 1)

    def _pooled(self, vectors: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
        """The states' mean and maximum over the words, float32 [n, 2 * directions * units]."""
        mask, words = tf.transpose(present)[..., None], tf.cast(tf.reduce_sum(present, 1), tf.int32)
        count = tf.maximum(tf.reduce_sum(mask, 0), 1)
        pooled = []
        for number, weights in enumerate(zip(self.kernels, self.recurrents, self.biases, strict=True)):
            # Padding follows the words in the backward direction, too, so that no state must be reset.
            ordered = tf.reverse_sequence(vectors, words, seq_axis=1) if number == 1 else vectors
            states = scan(tf.transpose(ordered, [1, 0, 2]), *(tf.convert_to_tensor(weight) for weight in weights))
            pooled += [tf.reduce_sum(states * mask, 0) / count, tf.reduce_max(states + (mask - 1) * 2, 0)]
        return tf.concat(pooled, 1)


class _Initializers:
    """Initializers with one seed each, derived in order from the model's seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def _next(self) -> int:
        self._seed += 1
        return self._seed

    def uniform(self) -> keras.initializers.Initializer:
        return keras.initializers.RandomUniform(-0.05, 0.05, seed=self._next())

    def glorot(self) -> keras.initializers.Initializer:
        return keras.initializers.GlorotUniform(seed=self._next())

    def orthogonal(self) -> keras.initializers.Initializer:
        return keras.initializers.Orthogonal(seed=self._next())


def _forget_nothing(shape: tuple[int, ...], dtype: str | None = None) -> tf.Tensor:
    """Biases of zero, and one for the forget gate. Source: Jozefowicz et al., "An Empirical Exploration of Recurrent
    Network Architectures" (2015)."""
    units = shape[0] // 4
    return tf.concat([tf.zeros(units), tf.ones(units), tf.zeros(2 * units)], 0)


def make_noise(
    shape: Shape, size: tuple[int, tf.Tensor], rates: tuple[float, float, float], seed: int, step: tf.Tensor
) -> Noise:
    """The noise of a batch of `size` (reviews, words), from seed and step alone.

    `rates` are in the order of Noise's members.
    """
    reviews, words = size
    sizes = ([reviews, words], [reviews, 1, shape.embedding], [reviews, 2 * shape.directions * shape.units])
    kept = []
    for number, (each, rate) in enumerate(zip(sizes, rates, strict=True)):
        drawn = tf.random.stateless_uniform(each, tf.stack([seed, tf.cast(step, tf.int32) * len(sizes) + number]))
        kept.append(tf.cast(drawn >= rate, tf.float32) / (1 - rate))
    return Noise(*kept)
