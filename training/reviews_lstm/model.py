"""The network: several members that share nothing, each a convolution, frames of words, an LSTM, and one logit.

A member reads word vectors and polarities. A convolution over three words and the maximum over each frame of four make
the sequence four times as short, and keep what a phrase says wherever it begins. An LSTM reads the frames in both
directions; mean and maximum of its states give the logit. The members' probabilities are averaged: together they are
better than one member of their joint size. Source: Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty
Estimation using Deep Ensembles" (2017).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import tensorflow as tf

from training.reviews_lstm.recurrence import scan
from training.reviews_lstm.words import PADDING

FRAME = 4
"""Words of a frame."""
WIDTH = 3
"""Words that the convolution sees at once."""
POLARITIES = 3
"""Of a word, its beginning, and its pair with the word before."""
ABSENT = -1e9
"""The value of padding after the convolution: less than that of any word."""


@dataclass(frozen=True)
class Shape:
    """The sizes of a network: `words` rows of vectors, and of each member the rest; `directions` is 1 or 2."""

    words: int
    embedding: int
    channels: int
    units: int
    directions: int = 2
    members: int = 2

    @property
    def found(self) -> int:
        """The number of values that a member's logit is made of."""
        return 2 * self.directions * self.units


@dataclass(frozen=True)
class Noise:
    """Dropout masks for training, as multipliers: 0, or above 1 for what is kept.

    `features` are float32 [n, 1, members * embedding], `found` [members, n, Shape.found].
    """

    features: tf.Tensor
    found: tf.Tensor


class Network(keras.Model):
    """From numbers int32 [n, words, 3] (words.Vectoriser) and polarities float32 [n, words, 3] to logits of "positive".

    The logits are float32 [n, members].
    """

    def __init__(self, shape: Shape, seed: int) -> None:
        super().__init__(name="reviews_lstm")
        self.shape = shape
        initial = _Initializers(seed)
        members, lstms, gates = shape.members, shape.members * shape.directions, 4 * shape.units
        self.vectors = self._weight("vectors", (shape.words, members * shape.embedding), initial.uniform())
        inputs = shape.embedding + POLARITIES
        self.filters = self._weight("filters", (members, WIDTH, inputs, shape.channels), initial.glorot(members))
        self.thresholds = self._weight("thresholds", (members, 1, shape.channels), "zeros")
        self.kernels = self._weight("kernels", (lstms, shape.channels, gates), initial.glorot(lstms))
        self.recurrents = self._weight("recurrents", (lstms, shape.units, gates), initial.orthogonal(lstms))
        self.biases = self._weight("biases", (lstms, gates), _forget_nothing)
        self.heads = self._weight("heads", (members, shape.found, 1), initial.glorot(members))
        self.offsets = self._weight("offsets", (members, 1, 1), "zeros")
        self.built = True

    def _weight(self, name: str, shape: tuple[int, ...], initializer: object) -> keras.Variable:
        return self.add_weight(name=name, shape=shape, initializer=initializer)

    def call(self, numbers: tf.Tensor, polarities: tf.Tensor, noise: Noise | None = None) -> tf.Tensor:
        """See the class."""
        rest = [[0, 0], [0, -tf.shape(numbers)[1] % FRAME], [0, 0]]
        numbers, polarities = tf.pad(numbers, rest, constant_values=PADDING), tf.pad(polarities, rest)
        present = tf.cast(numbers[..., :1] != PADDING, tf.float32)
        vectors = tf.reduce_sum(tf.gather(tf.convert_to_tensor(self.vectors), numbers[..., :2]), 2)
        vectors *= present if noise is None else present * noise.features
        frames = self._frames(vectors, tf.concat([polarities, 1 - present], 2))
        found = self._pooled(frames, present[:, ::FRAME, 0])
        if noise is not None:
            found *= noise.found
        logits = tf.matmul(found, tf.convert_to_tensor(self.heads)) + self.offsets
        return tf.transpose(tf.squeeze(logits, 2))

    def _frames(self, vectors: tf.Tensor, beside: tf.Tensor) -> list[tf.Tensor]:
        """Each member's frames, float32 [n, frames, channels]; `beside` are polarities and a mark of absence."""
        # A fixed filter turns the mark of absence into ABSENT, which costs no pass over the convolution's output.
        absent = tf.constant([[0.0], [ABSENT], [0.0]])[..., None] * tf.ones([1, 1, self.shape.channels])
        members = zip(
            tf.split(vectors, self.shape.members, 2),
            tf.unstack(tf.convert_to_tensor(self.filters)),
            tf.unstack(tf.convert_to_tensor(self.thresholds)),
            strict=True,
        )
        found = []
        for own, filters, thresholds in members:
            said = tf.nn.conv1d(tf.concat([own, beside], 2), tf.concat([filters, absent], 1), 1, "SAME")
            count, channels = tf.shape(said)[0], self.shape.channels
            found.append(tf.nn.relu(tf.reduce_max(tf.reshape(said, [count, -1, FRAME, channels]), 2) + thresholds))
        return found

    def _pooled(self, frames: list[tf.Tensor], present: tf.Tensor) -> tf.Tensor:
        """Mean and maximum of the states over the frames that are present, float32 [members, n, Shape.found]."""
        lengths = tf.cast(tf.reduce_sum(present, 1), tf.int32)
        ways: list[Callable[[tf.Tensor], tf.Tensor]] = [
            lambda each: each,
            # Padding follows the words in the backward direction, too, so that no state must be reset.
            lambda each: tf.reverse_sequence(each, lengths, seq_axis=1),
        ]
        ordered = [way(each) for each in frames for way in ways[: self.shape.directions]]
        weights = (tf.convert_to_tensor(each) for each in (self.kernels, self.recurrents, self.biases))
        states = scan(tf.transpose(tf.stack(ordered), [2, 0, 1, 3]), *weights)
        mask = tf.transpose(present)[:, None, :, None]
        mean = tf.reduce_sum(states * mask, 0) / tf.maximum(tf.reduce_sum(mask, 0), 1)
        found = tf.concat([mean, tf.reduce_max(states + (mask - 1) * 2, 0)], 2)
        by_member = tf.reshape(found, [self.shape.members, self.shape.directions, -1, 2 * self.shape.units])
        return tf.concat(tf.unstack(by_member, axis=1), 2)


def agreed(logits: tf.Tensor) -> tf.Tensor:
    """The logit of the members' mean probability, float32 [n], from their logits [n, members]."""
    yes, no = (tf.reduce_logsumexp(tf.math.log_sigmoid(each), 1) for each in (logits, -logits))
    return yes - no


class _Initializers:
    """Initializers with one seed each, derived in order from the model's seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def _next(self) -> int:
        self._seed += 1
        return self._seed

    def uniform(self) -> keras.initializers.Initializer:
        return keras.initializers.RandomUniform(-0.05, 0.05, seed=self._next())

    def glorot(self, count: int) -> Callable[..., tf.Tensor]:
        """Each of `count` weights by itself, as if it were alone."""
        return _each([keras.initializers.GlorotUniform(seed=self._next()) for _ in range(count)])

    def orthogonal(self, count: int) -> Callable[..., tf.Tensor]:
        """Each of `count` weights by itself."""
        return _each([keras.initializers.Orthogonal(seed=self._next()) for _ in range(count)])


def _each(initializers: list[keras.initializers.Initializer]) -> Callable[..., tf.Tensor]:
    def initial(shape: tuple[int, ...], dtype: str | None = None) -> tf.Tensor:
        return tf.stack([each(shape[1:], dtype) for each in initializers])

    return initial


def _forget_nothing(shape: tuple[int, ...], dtype: str | None = None) -> tf.Tensor:
    """Biases of zero, and one for the forget gate. Source: Jozefowicz et al., "An Empirical Exploration of Recurrent
    Network Architectures" (2015)."""
    lstms, units = shape[0], shape[1] // 4
    return tf.concat([tf.zeros([lstms, units]), tf.ones([lstms, units]), tf.zeros([lstms, 2 * units])], 1)


def make_noise(shape: Shape, reviews: int, rates: tuple[float, float], seed: int, step: tf.Tensor) -> Noise:
    """The noise of a batch of `reviews`, from seed and step alone.

    `rates` are in the order of Noise's fields.
    """
    sizes = ([reviews, 1, shape.members * shape.embedding], [shape.members, reviews, shape.found])
    kept = []
    for number, (each, rate) in enumerate(zip(sizes, rates, strict=True)):
        drawn = tf.random.stateless_uniform(each, tf.stack([seed, tf.cast(step, tf.int32) * len(sizes) + number]))
        kept.append(tf.cast(drawn >= rate, tf.float32) / (1 - rate))
    return Noise(*kept)
