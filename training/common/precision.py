"""The number format of the layers, chosen by the speed of the hardware."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from training.common.errors import JobError

CHOICES = ("auto", "float32", "bfloat16", "float16")
BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
WORTH_IT = 1.1
ONEDNN_LIMIT = "ONEDNN_MAX_CPU_ISA"
"""A variable that keeps oneDNN from newer instruction sets; without them, a product in bfloat16 ends the process.

Source: oneDNN, "CPU Dispatcher Control".
"""
WITH_BFLOAT16 = ("DEFAULT", "BF16", "FP16", "AMX", "AVX10")
"""Parts of the limits that leave bfloat16 usable."""


@dataclass(frozen=True)
class Precision:
    """A Keras dtype policy, and the reason for it. Variables are float32 under each of them."""

    policy: str
    reason: str


def choose(requested: str, gpus: int, cpu_flags: Iterable[str], trial: Callable[[], float]) -> Precision:
    """The precision for a request (one of CHOICES) on this hardware. Raises JobError for float16 without a GPU.

    `trial` measures how many times faster bfloat16 is than float32. It runs only if the CPU has the instructions:
    without the matrix unit, which hypervisors may hide, they can be slower.
    """
    if requested == "float16" and not gpus:
        raise JobError(
            "precision is float16, and this instance has no GPU to compute it: use bfloat16, float32 or auto, or a GPU "
            "instance type."
        )
    if requested != "auto":
        return Precision(_policy(requested), "as the hyperparameter precision asks")
    if gpus:
        return Precision("mixed_float16", "the instance has a GPU")
    native = sorted(BFLOAT16_FLAGS & set(cpu_flags))
    if not native:
        return Precision("float32", "the CPU has no bfloat16 instructions")
    speed = trial()
    policy = "mixed_bfloat16" if speed >= WORTH_IT else "float32"
    return Precision(policy, f"the CPU has {native[0]}, and bfloat16 was {speed:.2f} times as fast in a trial")


def _policy(requested: str) -> str:
    return requested if requested == "float32" else f"mixed_{requested}"


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """The first CPU's instruction sets, without what ONEDNN_LIMIT excludes.

    They have Linux' names. On other systems the set is empty.
    """
    limit = os.environ.get(ONEDNN_LIMIT) or "DEFAULT"
    excluded = frozenset() if any(part in limit.upper() for part in WITH_BFLOAT16) else BFLOAT16_FLAGS
    if not cpuinfo.exists():
        return frozenset()
    for line in cpuinfo.read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            return frozenset(value.split()) - excluded
    return frozenset()
