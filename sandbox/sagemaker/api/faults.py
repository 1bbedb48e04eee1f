"""Shortages on request: an instance type without quota, without capacity, or without spot capacity.

`home/faults.json` maps instance types to a fault, and is read at every Create, so that a ladder of compute candidates
can be seen at work: {"ml.g5.xlarge": "capacity", "ml.p4d.24xlarge": "quota", "ml.g4dn.xlarge": "spot"}.
"""

from __future__ import annotations

import json
import pathlib

from sandbox.sagemaker.api.errors import ResourceLimitExceeded, ValidationException

CAPACITY, QUOTA, SPOT = "capacity", "quota", "spot"

CAPACITY_ERROR = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
)


def fault_of(home: pathlib.Path, instance_type: str) -> str | None:
    """The fault asked for an instance type. Raises ValidationException if the file holds anything unknown."""
    path = home / "faults.json"
    try:
        faults = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValidationException(f"{path} is not JSON: {error}") from error
    fault = faults.get(instance_type)
    if fault not in (None, CAPACITY, QUOTA, SPOT):
        raise ValidationException(f"{path}: '{fault}' for {instance_type} is none of {CAPACITY}, {QUOTA}, {SPOT}")
    return fault


def refuse_without_quota(fault: str | None, instance_type: str, usage: str) -> None:
    """Raise ResourceLimitExceeded as AWS does where an account's quota is zero; `usage` is such as "training job"."""
    if fault == QUOTA:
        raise ResourceLimitExceeded(
            f"The account-level service limit '{instance_type} for {usage} usage' is 0 Instances, with current "
            "utilization of 0 Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request "
            "an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an "
            "increase for this quota."
        )
