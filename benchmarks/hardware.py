"""The machine's peak rate, by a large matrix product."""

from __future__ import annotations

import time

SIZE, TIMES = 2048, 8


def matrix_product_flops() -> float:
    """The best FLOP/s of a few large float32 products on all cores."""
    import tensorflow as tf

    matrix = tf.random.uniform([SIZE, SIZE])
    best = float("inf")
    for _ in range(TIMES):
        began = time.perf_counter()
        tf.linalg.matmul(matrix, matrix)[0, 0].numpy()
        best = min(best, time.perf_counter() - began)
    return 2 * SIZE**3 / best
