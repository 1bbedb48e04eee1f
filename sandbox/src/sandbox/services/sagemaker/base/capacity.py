"""Quotas of the account and instances of a type, which AWS may lack.

Sources: AWS, "Amazon SageMaker AI endpoints and quotas"; SageMaker API Reference, errors of CreateTrainingJob.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.faults import Faults
from sandbox.services.sagemaker.base.errors import ResourceLimitExceeded

CAPACITY_ERROR = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
)


_MOST_SERVING = 32
"""Instances of all endpoints together, each a process of this one machine; AWS sets a quota by account."""


def require_serving_quota(in_use: int, more: int) -> None:
    """Raise ResourceLimitExceeded if more instances of endpoints would be too many."""
    if in_use + more > _MOST_SERVING:
        raise ResourceLimitExceeded(_exceeded("Number of instances across all endpoints", _MOST_SERVING, in_use, more))


def _exceeded(quota: str, most: int, in_use: int, more: int) -> str:
    return (
        f"The account-level service limit '{quota}' is {most} Instances, with current utilization of {in_use} "
        f"Instances and a request delta of {more} Instances. Please use AWS Service Quotas to request an increase for "
        "this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
    )


@dataclass(frozen=True)
class Demand:
    """Wanted instances: their type, usage ("training", "processing", "endpoint") and purchase."""

    instance_type: str
    usage: str
    purchase: str = "on-demand"
    count: int = 1

    def require_quota(self, home: Path) -> None:
        """Raise ResourceLimitExceeded as AWS does where an account's quota is zero."""
        if self._struck(home, "quota"):
            quota = f"{self.instance_type} for {self._quota()} usage"
            raise ResourceLimitExceeded(_exceeded(quota, 0, 0, self.count))

    def available(self, home: Path) -> bool:
        """Tell whether there are quota and instances, for a caller that can take others instead."""
        return not (self._struck(home, "quota") or self.lacks_capacity(home) or self.lacks_spot(home))

    def lacks_capacity(self, home: Path) -> bool:
        """Tell whether AWS has no such instance now."""
        return self._struck(home, "capacity")

    def lacks_spot(self, home: Path) -> bool:
        """Tell whether spot instances are wanted and do not come up in time."""
        return self.purchase == "spot" and self._struck(home, "spot")

    def _struck(self, home: Path, kind: str) -> bool:
        facts = {"instance_type": self.instance_type, "usage": self.usage, "purchase": self.purchase}
        return Faults(home).find(kind, **facts) is not None

    def _quota(self) -> str:
        """The quota's name, as Service Quotas lists them: "spot training job"."""
        job = self.usage if self.usage == "endpoint" else f"{self.usage} job"
        return f"spot {job}" if self.purchase == "spot" else job
