"""The recurrence of several LSTMs with its own gradient: two loops, one forwards, one backwards.

The LSTMs share nothing but the loop. Each step makes one matrix product for input, bias and state together, and one
tanh for all gates, by sigmoid(x) = 1/2 + tanh(x/2)/2. The gradient of the weights is one product after the loop, over
all steps at once.
Sources: Hochreiter and Schmidhuber, "Long Short-Term Memory" (1997); Appleyard et al., "Optimizing Performance of
Recurrent Neural Networks on GPUs" (2016).
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf


def scan(inputs: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """The hidden states float32 [time, lstms, batch, units], from a state of zero.

    `inputs` are float32 [time, lstms, batch, features]; `kernel` [lstms, features, 4 * units], `recurrent` [lstms,
    units, 4 * units] and `bias` [lstms, 4 * units] are those of `keras.layers.LSTM`, for the gates input, forget, cell
    and output. The caller leaves out the states after the end of a sequence.
    """
    units = recurrent.shape[1]
    halves = tf.constant([0.5] * (2 * units) + [1.0] * units + [0.5] * units)
    weights = tf.concat([kernel, bias[:, None], recurrent], 1) * halves
    return _scan(tf.concat([inputs, tf.ones_like(inputs[..., :1])], 3), weights)


@tf.custom_gradient
def _scan(inputs: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    hidden, cells, squashed = _forward(inputs, weights)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        slopes, of_inputs = _backward(upstream, weights, cells, squashed)
        before = tf.concat([tf.zeros_like(hidden[:1]), hidden[:-1]], 0)
        joined = _by_lstm(tf.concat([inputs, before], 3))
        return of_inputs, tf.matmul(joined, _by_lstm(slopes), transpose_a=True)

    return hidden, gradient


def _by_lstm(values: tf.Tensor) -> tf.Tensor:
    """Values [time, lstms, batch, size] as [lstms, time * batch, size]."""
    lstms, size = values.shape[1], values.shape[3]
    return tf.reshape(tf.transpose(values, [1, 0, 2, 3]), [lstms, -1, size])


def _gates(squashed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    entry, forget, candidate, output = tf.split(squashed, 4, -1)
    return 0.5 + 0.5 * entry, 0.5 + 0.5 * forget, candidate, 0.5 + 0.5 * output


def _forward(inputs: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Hidden states, cells [time, lstms, batch, units], and gates after their tanh [..., 4 * units]."""
    steps, batch, lstms, units = *_sizes(inputs), weights.shape[0], weights.shape[2] // 4

    def body(step: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor, *kept: tf.TensorArray) -> tuple:
        squashed = tf.tanh(tf.matmul(tf.concat([inputs[step], hidden], 2), weights))
        entry, forget, candidate, output = _gates(squashed)
        cell = forget * cell + entry * candidate
        hidden = output * tf.tanh(cell)
        kept = tuple(array.write(step, row) for array, row in zip(kept, (hidden, cell, squashed), strict=True))
        return step + 1, hidden, cell, *kept

    arrays = [
        tf.TensorArray(tf.float32, steps, element_shape=[lstms, None, size]) for size in (units, units, 4 * units)
    ]
    zeros = tf.zeros([lstms, batch, units])
    start = (tf.constant(0), zeros, zeros, *arrays)
    result = tf.while_loop(lambda step, *_: step < steps, body, start, maximum_iterations=steps)
    hidden, cells, squashed = (array.stack() for array in result[3:])
    return hidden, cells, squashed


def _backward(
    upstream: tf.Tensor, weights: tf.Tensor, cells: tf.Tensor, squashed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """The gradients of the gates before their tanh [time, lstms, batch, 4 * units], and of inputs.

    `upstream` is the gradient of the hidden states.
    """
    steps, batch, lstms, units = *_sizes(cells), weights.shape[0], weights.shape[2] // 4
    features, back = weights.shape[1] - units, tf.transpose(weights, [0, 2, 1])

    def body(step: tf.Tensor, hidden_slope: tf.Tensor, cell_slope: tf.Tensor, *kept: tf.TensorArray) -> tuple:
        entry, forget, candidate, output = _gates(squashed[step])
        before = cells[tf.maximum(step - 1, 0)] * tf.cast(step > 0, tf.float32)
        level = tf.tanh(cells[step])
        hidden_slope += upstream[step]
        cell_slope += hidden_slope * output * (1 - level * level)
        slopes = tf.concat(
            [
                2 * cell_slope * candidate * entry * (1 - entry),
                2 * cell_slope * before * forget * (1 - forget),
                cell_slope * entry * (1 - candidate * candidate),
                2 * hidden_slope * level * output * (1 - output),
            ],
            2,
        )
        of_inputs, of_hidden = tf.split(tf.matmul(slopes, back), [features, units], 2)
        kept = tuple(array.write(step, row) for array, row in zip(kept, (slopes, of_inputs), strict=True))
        return step - 1, of_hidden, cell_slope * forget, *kept

    arrays = [tf.TensorArray(tf.float32, steps, element_shape=[lstms, None, size]) for size in (4 * units, features)]
    zeros = tf.zeros([lstms, batch, units])
    start = (steps - 1, zeros, zeros, *arrays)
    result = tf.while_loop(lambda step, *_: step >= 0, body, start, maximum_iterations=steps)
    return result[3].stack(), result[4].stack()


def _sizes(values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Time and batch of values [time, lstms, batch, size]."""
    return tf.shape(values)[0], tf.shape(values)[2]
