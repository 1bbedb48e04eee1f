"""A job's use of this machine, in CloudWatch every minute and at the end.

Source: AWS, "Amazon SageMaker AI metrics in Amazon CloudWatch", job metrics: CPUUtilization is the sum over the cores
(400 % is four of them), MemoryUtilization and DiskUtilization are percentages, and the dimension Host is
`job-name/algo-1`. Here memory is a part of this machine's, and disk the job's folder as a part of VolumeSizeInGB.
"""

from __future__ import annotations

import logging
import pathlib
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psutil
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.frame.host import Host
from sandbox.machines.containers.usage import usage
from sandbox.services.sagemaker.jobs.volumes import size_of

FIRST_LOOK, LOOK_EVERY, PUBLISH_EVERY = 0.2, 1.0, 60.0

_logger = logging.getLogger(__name__)


@dataclass
class _Instance:
    """One host: its CPU seconds so far, the time of the last look, and unpublished values."""

    cpu_seconds: float
    seen: float
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


class Utilization:
    """The use of a job's process trees. `close` publishes the remaining values."""

    def __init__(
        self, host: Host, namespace: str, job_name: str, folders: Mapping[str, pathlib.Path], gigabytes: int
    ) -> None:
        self._cloudwatch = host.client("cloudwatch")
        self._namespace = namespace
        self._job_name = job_name
        self._folders = folders
        self._volume = gigabytes * 2**30
        started = time.monotonic()
        self._instances = {name: _Instance(0.0, started) for name in folders}
        self._looked = started - LOOK_EVERY + FIRST_LOOK
        self._published = started

    def look(self, pids: Mapping[str, int]) -> None:
        moment = time.monotonic()
        if moment - self._looked < LOOK_EVERY:
            return
        self._looked = moment
        for host, pid in pids.items():
            self.look_last(host, pid)
        if moment - self._published >= PUBLISH_EVERY:
            self.close()

    def look_last(self, host: str, pid: int) -> None:
        """Take the values of one instance now."""
        cpu_seconds, resident = usage(pid)
        instance, moment = self._instances[host], time.monotonic()
        passed, used = moment - instance.seen, max(0.0, cpu_seconds - instance.cpu_seconds)
        instance.values["CPUUtilization"].append(100 * used / max(passed, 0.001))
        if resident:  # a process that has ended holds none
            instance.values["MemoryUtilization"].append(100 * resident / psutil.virtual_memory().total)
        instance.cpu_seconds, instance.seen = cpu_seconds, moment

    def close(self) -> None:
        """Publish the values since the last time."""
        data: list[dict[str, Any]] = []
        for host, instance in self._instances.items():
            dimensions = [{"Name": "Host", "Value": f"{self._job_name}/{host}"}]
            instance.values["DiskUtilization"] = [100 * size_of(self._folders[host]) / self._volume]
            for name, values in instance.values.items():
                data.append({"MetricName": name, "Dimensions": dimensions, "Values": values, "Unit": "Percent"})
            instance.values = defaultdict(list)
        self._published = time.monotonic()
        try:
            self._cloudwatch.put_metric_data(Namespace=self._namespace, MetricData=data)
        except (ClientError, BotoCoreError):
            _logger.exception("the utilization of %s is lost", self._job_name)
