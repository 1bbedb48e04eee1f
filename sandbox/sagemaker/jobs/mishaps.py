"""What befalls a job's processes while they run: the faults `job-killed`, `spot-interruption` and `disk-full`.

A fault that is declared while the job runs strikes, too.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TypeVar

from sandbox.faults import Faults, JobKilled, SpotInterruption
from sandbox.sagemaker.jobs.execution import Execution
from sandbox.sagemaker.jobs.volumes import Volumes

F = TypeVar("F", JobKilled, SpotInterruption)


class Mishaps:
    """A watcher of one run; `facts` are what the faults may select: job_name, instance_type, purchase."""

    def __init__(self, faults: Faults, execution: Execution, volumes: Volumes, facts: Mapping[str, str]) -> None:
        self._faults, self._execution, self._volumes, self._facts = faults, execution, volumes, facts
        self._started = time.monotonic()
        self._over = False

    def look(self, pids: Mapping[str, int]) -> None:
        if self._over:
            return
        passed = time.monotonic() - self._started
        if self._due(JobKilled, passed):
            self._over = True
            self._execution.shoot()
        elif self._facts["purchase"] == "spot" and (fault := self._due(SpotInterruption, passed)):
            self._over = True
            self._execution.interrupt(fault.grace_seconds)
        self._volumes.stop_growth(pids)

    def look_last(self, host: str, pid: int) -> None:
        """Nothing befalls what has ended."""

    def _due(self, kind: type[F], passed: float) -> F | None:
        """The fault of the kind, if its time has come; it counts as one strike only then."""
        declared = self._faults.declared(kind, **self._facts)
        return self._faults.find(kind, **self._facts) if declared and passed >= declared.after_seconds else None
