"""SageMaker's VpcConfig: where the network interfaces of jobs, or of models, are made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VpcConfig:
    """Subnets, and one security group."""

    subnet_ids: tuple[str, ...]
    security_group_id: str

    @property
    def members(self) -> dict[str, object]:
        """The members of `VpcConfig` in a request."""
        return {"SecurityGroupIds": [self.security_group_id], "Subnets": list(self.subnet_ids)}
