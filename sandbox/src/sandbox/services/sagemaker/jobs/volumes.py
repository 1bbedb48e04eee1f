"""The disks of a job's instances, which the fault `disk-full` makes small.

The container's own writes then fail as on a full volume. Not with its ENOSPC, though: without root, this machine lends
no job a disk of its own. So the processes lose the right to let a file grow (RLIMIT_FSIZE), which gives EFBIG; a
program that does not ignore SIGXFSZ as Python does is ended by it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import psutil

from sandbox.faults import DiskFull, Faults
from sandbox.machines.containers.s3_transfer import files

INSUFFICIENT = "Insufficient disk space"
_MEGABYTE = 2**20
_NOTHING = 0


class Volumes:
    """The disks of a job: each instance's folder. Once full, they stay as small as they were found."""

    def __init__(self, faults: Faults, job_name: str, folders: Mapping[str, Path]) -> None:
        self._faults, self._job_name, self._folders = faults, job_name, folders
        self._fault: DiskFull | None = None

    def full(self) -> frozenset[str]:
        """The instances with a disk that holds what the fault allows, or more."""
        declared = self._fault or self._faults.declared(DiskFull, job_name=self._job_name)
        if declared is None:
            return frozenset()
        limit = declared.at_megabytes * _MEGABYTE
        full = frozenset(name for name, folder in self._folders.items() if size_of(folder) >= limit)
        if full and self._fault is None:
            self._fault = self._faults.find(DiskFull, job_name=self._job_name)
        return full if self._fault else frozenset()

    def stop_growth(self, pids: Mapping[str, int]) -> None:
        """Stop the processes of instances with a full disk from writing. `pids` is by host."""
        full = self.full() & pids.keys()
        if full and not hasattr(psutil, "RLIMIT_FSIZE"):
            raise RuntimeError("the fault disk-full needs Linux, where a process's limits can be changed")
        for name in full:
            _forbid_writing(pids[name])


def _forbid_writing(pid: int) -> None:
    with contextlib.suppress(psutil.Error):  # they end meanwhile
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                _, hard = process.rlimit(psutil.RLIMIT_FSIZE)
                process.rlimit(psutil.RLIMIT_FSIZE, (_NOTHING, hard))


def size_of(folder: Path) -> int:
    """The bytes of all files below a folder, while they change."""
    total = 0
    for path in files(folder):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
