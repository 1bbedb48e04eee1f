"""A trial of this CPU's speed in bfloat16: its flags promise the instructions, not the speed."""

from __future__ import annotations

import time

import tensorflow as tf

SIZE = 512
TIMES = 3


def bfloat16_speed() -> float:
    """A matrix product's speed in bfloat16 over that in float32; takes about 0.05 s."""
    return _seconds(tf.float32) / _seconds(tf.bfloat16)


def _seconds(dtype: tf.DType) -> float:
    """The least CPU time of a few products, after one that prepares the kernel.

    Seconds by the clock also tell what other processes do: they were seen to differ by half between equal products.
    """
    matrix = tf.ones([SIZE, SIZE], dtype)
    best = float("inf")
    tf.linalg.matmul(matrix, matrix)
    for _ in range(TIMES):
        started = time.process_time()
        tf.linalg.matmul(matrix, matrix)[0, 0].numpy()
        best = min(best, time.process_time() - started)
    return best
