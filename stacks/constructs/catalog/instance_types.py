"""The hardware behind the name of an instance type."""

from __future__ import annotations

import re

_LOCAL_NVME = re.compile(r"ml\.(\w+\d\w*d\w*|g4dn|g5|g6|g6e|gr6|g7e|i\d\w*|p3dn|p4de?|p5\w*|p6\S*|trn\d\w*)\.")


def has_local_storage(instance_type: str) -> bool:
    """True for a type with NVMe disks, which encrypt themselves: SageMaker then refuses a volume key.

    Source: Amazon SageMaker API Reference, "ResourceConfig", VolumeKmsKeyId.
    """
    return _LOCAL_NVME.match(instance_type) is not None
