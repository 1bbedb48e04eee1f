"""The endpoints' use of this machine, in CloudWatch.

Source: AWS, "Metrics for monitoring Amazon SageMaker AI with Amazon CloudWatch", endpoint instance metrics:
CPUUtilization is the sum over the cores (400 % is four of them). Here memory is a part of this machine's.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

import psutil
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.frame.host import Host
from sandbox.machines.containers.usage import usage
from sandbox.services.sagemaker.endpoints.fleet import Fleet
from sandbox.services.sagemaker.endpoints.model_instance import ModelInstance

NAMESPACE = "/aws/sagemaker/Endpoints"
_INTERVAL = 60.0  # seconds on AWS
_SHORTEST = 5.0  # looking at every process costs a few milliseconds

_logger = logging.getLogger(__name__)


class FleetUtilization:
    """Looks at all fleets in service, one thread for all."""

    def __init__(self, host: Host, fleets: Callable[[], Iterable[Fleet]]) -> None:
        self._host = host
        self._fleets = fleets
        self._seen: dict[int, tuple[float, float]] = {}  # by process: when, and its CPU seconds then
        self._closed = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._look_regularly, name="fleet utilization", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def _look_regularly(self) -> None:
        while not self._closed.wait(max(_SHORTEST, self._host.scaled(_INTERVAL))):
            seen, self._seen = self._seen, {}
            for fleet in self._fleets():
                found = [self._use(instance, seen) for instance in fleet.instances]
                if found:
                    self._put(fleet, found)

    def _use(self, instance: ModelInstance, seen: dict[int, tuple[float, float]]) -> tuple[float, float]:
        """Percent of CPU since the last look, and of memory. The first look counts from the process's start."""
        moment, pid = time.time(), instance.pid
        cpu_seconds, resident = usage(pid)
        since, before = seen.get(pid) or (_started(pid, moment), 0.0)
        self._seen[pid] = moment, cpu_seconds
        cpu = 100 * max(0.0, cpu_seconds - before) / max(moment - since, 0.001)
        return cpu, 100 * resident / psutil.virtual_memory().total

    def _put(self, fleet: Fleet, found: list[tuple[float, float]]) -> None:
        dimensions = [{"Name": "EndpointName", "Value": fleet.endpoint}, {"Name": "VariantName", "Value": fleet.name}]
        data = [
            {"MetricName": name, "Dimensions": dimensions, "Values": list(values), "Unit": "Percent"}
            for name, values in zip(("CPUUtilization", "MemoryUtilization"), zip(*found, strict=True), strict=True)
        ]
        try:
            self._host.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)
        except (ClientError, BotoCoreError):
            _logger.exception("the utilization of endpoint %s is lost", fleet.endpoint)


def _started(pid: int, otherwise: float) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return otherwise
