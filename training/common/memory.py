"""The memory available to a job, and the rule for keeping data in it."""

from __future__ import annotations

from pathlib import Path

SHARE_FOR_A_SPLIT = 0.25
"""The memory rule: a split is held in memory if its tensors take at most a quarter of the available memory. The rest is
for a chunk of it, the other split, the model and TensorFlow itself."""


def fits(size_bytes: int, available_bytes: int) -> bool:
    """Decide whether a split of this size is held in memory."""
    return size_bytes <= SHARE_FOR_A_SPLIT * available_bytes


def available_bytes(root: Path = Path("/")) -> int:
    """The lower of Linux's available memory and the container's limit; 0 if unknown.

    The limit is read from cgroup 2, then from cgroup 1.
    """
    bounds = [_limit(root / "sys/fs/cgroup/memory.max"), _limit(root / "sys/fs/cgroup/memory/memory.limit_in_bytes")]
    bounds.append(_available(root / "proc/meminfo"))
    known = [bound for bound in bounds if bound is not None]
    return min(known, default=0)


def _limit(path: Path) -> int | None:
    text = path.read_text().strip() if path.exists() else "max"
    return int(text) if text.isdigit() else None


def _available(path: Path) -> int | None:
    if not path.exists():
        return None
    for line in path.read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None
