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
            raise ResourceLimitExceeded(
                f"The account-level service limit '{self.instance_type} for {self._quota()} usage' is 0 Instances, "
                f"with current utilization of 0 Instances and a request delta of {self.count} Instances. Please use "
                "AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, "
                "contact AWS support to request an increase for this quota."
            )

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
