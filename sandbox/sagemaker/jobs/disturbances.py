"""What may befall a job while it runs, where somebody asked for it (`home/faults.json`)."""

from __future__ import annotations

import time
from pathlib import Path

from sandbox.faults import Faults, JobKilled, SpotInterruption
from sandbox.sagemaker.api.capacity import Demand
from sandbox.sagemaker.jobs.execution import INTERRUPTED, OUT_OF_MEMORY, Limit


def disturbances(home: Path, job_name: str, demand: Demand) -> list[Limit]:
    """The declared faults that befall this run, which begins now. Raises FaultsUnreadable."""
    faults, started, found = Faults(home), time.monotonic(), []
    if demand.purchase == "spot":
        interruption = faults.find(SpotInterruption, job_name=job_name, instance_type=demand.instance_type)
        if interruption is not None:
            found.append(Limit(started + interruption.after_seconds, INTERRUPTED, interruption.grace_seconds))
    if killed := faults.find(JobKilled, job_name=job_name):
        found.append(Limit(started + killed.after_seconds, OUT_OF_MEMORY))
    return found
