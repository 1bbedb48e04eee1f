"""The machine's processor: its name, its instruction sets, and its peak rate by a large matrix product."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

from training.common.precision import ONEDNN_LIMIT

INSTRUCTION_SETS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "sve", "bf16")
"""Those that decide how fast TensorFlow multiplies, by Linux' names."""
SIZE, TIMES = 2048, 8


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor in words, with those of its instruction sets that matter."""
    told = dict(_pairs(cpuinfo.read_text())) if cpuinfo.exists() else {}
    flags = told.get("flags", told.get("Features", "")).split()
    known = " ".join(name for name in INSTRUCTION_SETS if name in flags) or "instruction sets unknown"
    words = f"{told.get('model name', platform.machine())}, {os.cpu_count()} CPUs, {known}"
    limit = os.environ.get(ONEDNN_LIMIT)
    return f"{words}, oneDNN limited to {limit}" if limit else words


def _pairs(text: str) -> list[tuple[str, str]]:
    split = (line.partition(":") for line in text.splitlines())
    return [(name.strip(), value.strip()) for name, _, value in split]


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
