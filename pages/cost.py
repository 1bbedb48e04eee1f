"""The cost of jobs at list price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Job = Mapping[str, Any]
"""One entry of `jobs` in execution.json."""


def cost(job: Job) -> float | None:
    """The cost of a job in USD; None if price or seconds are unknown.

    AWS, "Managed Spot Training in Amazon SageMaker AI": billable seconds are paid for at the on-demand price.
    """
    price, seconds = job.get("usd_per_hour"), job.get("billable_seconds")
    if seconds == 0:
        return 0.0
    if price is None or seconds is None:
        return None
    return seconds / 3600 * job.get("instance_count", 1) * price


def total_cost(jobs: Sequence[Job]) -> float | None:
    """The cost of all jobs in USD; None if one is unknown."""
    costs = [cost(job) for job in jobs]
    known = [each for each in costs if each is not None]
    return sum(known) if len(known) == len(costs) else None
