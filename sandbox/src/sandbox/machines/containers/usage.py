"""CPU and memory use of a process and its descendants."""

from __future__ import annotations

import psutil


def usage(pid: int) -> tuple[float, int]:
    """CPU seconds and resident bytes of a process and its descendants.

    The CPU time of ended processes is included.
    """
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0.0, 0
    cpu_seconds, resident = 0.0, 0
    for process in family:
        try:
            cpu_seconds += sum(process.cpu_times()[:4])  # user and system, its own and of children that ended
            resident += process.memory_info().rss
        except psutil.Error:
            continue
    return cpu_seconds, resident
