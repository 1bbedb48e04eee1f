"""Faults of running processes of a job: `job-killed`, `spot-interruption` and `disk-full`.

A fault that is declared while the job runs strikes, too; one counts as a strike when its time has come, not before.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TypeVar

from sandbox.faults import Faults, JobKilled, SpotInterruption
from sandbox.services.sagemaker.base.capacity import Demand
from sandbox.services.sagemaker.jobs.execution import INTERRUPTED, OUT_OF_MEMORY, Limit
from sandbox.services.sagemaker.jobs.volumes import Volumes

F = TypeVar("F", JobKilled, SpotInterruption)


class Mishaps:
    """The watcher of a run that begins now."""

    def __init__(self, faults: Faults, job_name: str, demand: Demand, volumes: Volumes) -> None:
        self._faults, self._demand, self._volumes = faults, demand, volumes
        self._facts = {"job_name": job_name, "instance_type": demand.instance_type}
        self._started = time.monotonic()
        self._end: Limit | None = None

    def look(self, pids: Mapping[str, int]) -> Limit | None:
        """The end of the run, from the moment that a fault strikes. Raises FaultsUnreadable."""
        self._volumes.stop_growth(pids)
        self._end = self._end or self._killed() or self._interrupted()
        return self._end

    def look_last(self, host: str, pid: int) -> None:
        """Do nothing: a process that has ended has no faults."""

    def _killed(self) -> Limit | None:
        return Limit(time.monotonic(), OUT_OF_MEMORY) if self._due(JobKilled) else None

    def _interrupted(self) -> Limit | None:
        fault = self._due(SpotInterruption) if self._demand.purchase == "spot" else None
        return Limit(time.monotonic(), INTERRUPTED, fault.grace_seconds) if fault else None

    def _due(self, kind: type[F]) -> F | None:
        """The fault of the kind, if its time has come."""
        declared = self._faults.declared(kind, **self._facts)
        if declared is None or time.monotonic() - self._started < declared.after_seconds:
            return None
        return self._faults.find(kind, **self._facts)
