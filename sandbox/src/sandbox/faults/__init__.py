"""Faults on demand: failures of AWS, declared by a file or a command, to try them beforehand.

    Faults(home).find("capacity", instance_type="ml.g5.xlarge", purchase="spot", usage="training")

returns the fault that `home/faults.json` declares for this, if any. The sandbox asks at each place where AWS may fail.
"""

from sandbox.faults.fault import Fault
from sandbox.faults.faults import Faults
from sandbox.faults.file import FaultsUnreadable
from sandbox.faults.kinds import (
    KINDS,
    ApiThrottled,
    ArchiveTruncated,
    ArchiveWrongSignature,
    Capacity,
    DiskFull,
    EventTwice,
    InvocationErrors,
    JobKilled,
    NoPing,
    Quota,
    S3Slow,
    S3Throttled,
    Spot,
    SpotInterruption,
)

__all__ = [
    "KINDS",
    "ApiThrottled",
    "ArchiveTruncated",
    "ArchiveWrongSignature",
    "Capacity",
    "DiskFull",
    "EventTwice",
    "Fault",
    "Faults",
    "FaultsUnreadable",
    "InvocationErrors",
    "JobKilled",
    "NoPing",
    "Quota",
    "S3Slow",
    "S3Throttled",
    "Spot",
    "SpotInterruption",
]
