"""An LSTM's recurrence with a gradient of its own: two loops, one forwards, one backwards.

Only what each step needs of the step before stays in the loops: the inputs are projected before, and the gradient of
the recurrent weights is one matrix product after, over all steps at once. Sources: Hochreiter and Schmidhuber, "Long
Short-Term Memory" (1997); Appleyard et al., "Optimizing Performance of Recurrent Neural Networks on GPUs" (2016).
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf


def scan(projected: tf.Tensor, mask: tf.Tensor, recurrent: tf.Tensor) -> tf.Tensor:
    """The hidden states float32 [time, batch, units].

    `projected` is what the inputs add to the gates input, forget, cell and output, float32 [time, batch, 4 * units];
    `mask` float32 [time, batch, 1] sets the state to zero where it is 0, so padding must not lie between words;
    `recurrent` is float32 [units, 4 * units]. These are the gates and the order of `keras.layers.LSTM`.
    """

    @tf.custom_gradient
    def differentiable(projected: tf.Tensor, recurrent: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        hidden, cells, gates = _forward(projected, mask, recurrent)

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            slopes = _backward(upstream, mask, recurrent, cells, gates)
            before = tf.reshape(hidden[:-1], [-1, hidden.shape[-1]])
            after = tf.reshape(slopes[1:], [-1, slopes.shape[-1]])
            return slopes, tf.matmul(before, after, transpose_a=True)

        return hidden, gradient

    return differentiable(projected, recurrent)


def _forward(projected: tf.Tensor, mask: tf.Tensor, recurrent: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Hidden states, cells [time, batch, units], and the gates after their activations [time, batch, 4 * units]."""
    steps, batch, units = tf.shape(projected)[0], tf.shape(projected)[1], recurrent.shape[0]

    def body(step: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor, *kept: tf.TensorArray) -> tuple:
        parts = tf.split(projected[step] + tf.matmul(hidden, recurrent), 4, 1)
        entry, forget, output = (tf.sigmoid(parts[number]) for number in (0, 1, 3))
        candidate = tf.tanh(parts[2])
        cell = (forget * cell + entry * candidate) * mask[step]
        hidden = output * tf.tanh(cell)
        gates = tf.concat([entry, forget, candidate, output], 1)
        kept = tuple(array.write(step, row) for array, row in zip(kept, (hidden, cell, gates), strict=True))
        return step + 1, hidden, cell, *kept

    arrays = [tf.TensorArray(tf.float32, steps, element_shape=[None, size]) for size in (units, units, 4 * units)]
    start = (tf.constant(0), tf.zeros([batch, units]), tf.zeros([batch, units]), *arrays)
    result = tf.while_loop(lambda step, *_: step < steps, body, start, maximum_iterations=steps)
    hidden, cells, gates = (array.stack() for array in result[3:])
    return hidden, cells, gates


def _backward(
    upstream: tf.Tensor, mask: tf.Tensor, recurrent: tf.Tensor, cells: tf.Tensor, gates: tf.Tensor
) -> tf.Tensor:
    """The gradient of the gates before their activations [time, batch, 4 * units]; `upstream` is that of the states."""
    steps, batch, units = tf.shape(gates)[0], tf.shape(gates)[1], recurrent.shape[0]
    back = tf.transpose(recurrent)

    def body(step: tf.Tensor, hidden_slope: tf.Tensor, cell_slope: tf.Tensor, kept: tf.TensorArray) -> tuple:
        entry, forget, candidate, output = tf.split(gates[step], 4, 1)
        before = cells[tf.maximum(step - 1, 0)] * tf.cast(step > 0, tf.float32)
        squashed = tf.tanh(cells[step])
        hidden_slope = (hidden_slope + upstream[step]) * mask[step]
        cell_slope = cell_slope * mask[step] + hidden_slope * output * (1 - squashed * squashed)
        slopes = tf.concat(
            [
                cell_slope * candidate * entry * (1 - entry),
                cell_slope * before * forget * (1 - forget),
                cell_slope * entry * (1 - candidate * candidate),
                hidden_slope * squashed * output * (1 - output),
            ],
            1,
        )
        return step - 1, tf.matmul(slopes, back), cell_slope * forget, kept.write(step, slopes)

    kept = tf.TensorArray(tf.float32, steps, element_shape=[None, 4 * units])
    start = (steps - 1, tf.zeros([batch, units]), tf.zeros([batch, units]), kept)
    return tf.while_loop(lambda step, *_: step >= 0, body, start, maximum_iterations=steps)[3].stack()
