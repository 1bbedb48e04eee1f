"""Precision by hardware, and its refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.common.errors import JobError
from training.common.precision import ONEDNN_LIMIT, choose, cpu_flags

CASES = [
    ("auto", 1, {"avx512_bf16"}, 2.0, "mixed_float16"),
    ("auto", 0, {"avx512_bf16"}, 2.0, "mixed_bfloat16"),
    ("auto", 0, {"amx_bf16"}, 1.1, "mixed_bfloat16"),
    ("auto", 0, {"avx512_bf16"}, 1.09, "float32"),
    ("auto", 0, {"avx512f"}, 2.0, "float32"),
    ("float32", 1, {"amx_bf16"}, 2.0, "float32"),
    ("bfloat16", 0, set(), 0.1, "mixed_bfloat16"),
    ("float16", 1, set(), 1.0, "mixed_float16"),
]


@pytest.mark.parametrize(("requested", "gpus", "flags", "speed", "policy"), CASES)
def test_precision_follows_the_hardware(requested: str, gpus: int, flags: set[str], speed: float, policy: str) -> None:
    assert choose(requested, gpus, flags, lambda: speed).policy == policy


def test_float16_without_a_gpu_is_refused() -> None:
    with pytest.raises(JobError, match="precision is float16, and this instance has no GPU to compute it"):
        choose("float16", 0, {"amx_bf16"}, lambda: 2.0)


def test_no_trial_is_made_where_the_instructions_are_missing() -> None:
    def trial() -> float:
        raise AssertionError("a trial was made")

    assert choose("auto", 0, {"avx2"}, trial).reason == "the CPU has no bfloat16 instructions"


def test_flags_are_those_of_the_first_processor(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nflags\t\t: fpu amx_bf16\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    assert cpu_flags(tmp_path / "cpuinfo") == {"fpu", "amx_bf16"}
    assert cpu_flags(tmp_path / "absent") == frozenset()


@pytest.mark.parametrize(
    ("limit", "found"),
    [("AVX2", {"fpu"}), ("AVX512_CORE", {"fpu"}), ("avx512_core_bf16", {"fpu", "amx_bf16"}), ("", {"fpu", "amx_bf16"})],
)
def test_a_limit_of_onednn_takes_bfloat16_away(
    limit: str, found: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ONEDNN_LIMIT, limit)
    (tmp_path / "cpuinfo").write_text("flags\t\t: fpu amx_bf16\n")
    assert cpu_flags(tmp_path / "cpuinfo") == found
