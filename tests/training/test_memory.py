"""The memory rule: a quarter of the container's available memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.common.memory import available_bytes, fits

MEMINFO = "MemTotal:       2000 kB\nMemAvailable:   1000 kB\n"
CASES = [
    ({"proc/meminfo": MEMINFO}, 1000 * 1024),
    ({"proc/meminfo": MEMINFO, "sys/fs/cgroup/memory.max": "max\n"}, 1000 * 1024),
    ({"proc/meminfo": MEMINFO, "sys/fs/cgroup/memory.max": "4096\n"}, 4096),
    ({"proc/meminfo": MEMINFO, "sys/fs/cgroup/memory/memory.limit_in_bytes": "8192\n"}, 8192),
    ({"sys/fs/cgroup/memory.max": "4096\n"}, 4096),
    ({}, 0),
]


@pytest.mark.parametrize(("files", "expected"), CASES)
def test_the_lowest_bound_counts(files: dict[str, str], expected: int, tmp_path: Path) -> None:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert available_bytes(tmp_path) == expected


@pytest.mark.parametrize(("size", "expected"), [(250, True), (251, False)])
def test_a_quarter_is_for_a_split(size: int, expected: bool) -> None:
    assert fits(size, 1000) is expected
