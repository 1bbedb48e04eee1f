"""Invocations of endpoints, counted and put into CloudWatch once in a minute's scaled time.

Each datum goes to the endpoint's variant, and to the variant under its endpoint configuration, by which an update's
alarms tell the new fleet from the old.
Sources: AWS, "Metrics for monitoring Amazon SageMaker AI with Amazon CloudWatch" (a 0 or a 1 for each request, so that
an average is a rate; latencies are microseconds), "Auto-Rollback Configuration and Monitoring" (EndpointConfigName).
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.frame.host import Host
from sandbox.services.sagemaker.endpoints.fleet import Fleet

NAMESPACE = "AWS/SageMaker"
_INTERVAL = 60.0  # seconds on AWS
_IDLE_INTERVAL = 10.0  # seconds between two zeros, so that an idle endpoint costs nearly nothing
_MOST_VALUES = 150  # values of one datum of PutMetricData

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One request that reached a container: its status (0 if it gave none), and seconds there and around it."""

    status: int
    model_seconds: float
    overhead_seconds: float


@dataclass
class _Counts:
    """The invocations of a fleet since the last time, and its number of instances now."""

    instances: int = 1
    invocations: list[Invocation] = field(default_factory=list)


class InvocationMetrics:
    """Counts by fleet since the last time they were put.

    A variant that gets no requests counts zero: so AWS lets target tracking scale in ("Automatic scaling").
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._counts: dict[Fleet, _Counts] = {}
        self._closed = threading.Event()
        self._sender: threading.Thread | None = None

    def record(self, fleet: Fleet, invocation: Invocation) -> None:
        """Count one answer of a model server."""
        with self._lock:
            counts = self._counts.setdefault(fleet, _Counts())
            counts.invocations.append(invocation)
            counts.instances = max(1, len(fleet))
            if self._sender is None:
                self._sender = threading.Thread(target=self._put_regularly, name="invocation metrics", daemon=True)
                self._sender.start()

    def close(self) -> None:
        self._closed.set()

    def _put_regularly(self) -> None:
        silent = 0.0  # seconds since idle fleets were told of
        while not self._closed.wait(interval := self._host.scaled(_INTERVAL)):
            silent = 0.0 if silent >= _IDLE_INTERVAL else silent + interval
            with self._lock:
                counts = self._counts
                self._counts = {fleet: _Counts() for fleet in counts if len(fleet)}
            for fleet, found in counts.items():
                if found.invocations or not silent:
                    self._put(fleet, found)

    def _put(self, fleet: Fleet, counts: _Counts) -> None:
        variant = [{"Name": "EndpointName", "Value": fleet.endpoint}, {"Name": "VariantName", "Value": fleet.name}]
        of_config = [*variant, {"Name": "EndpointConfigName", "Value": fleet.config}]
        data = [{**datum, "Dimensions": dimensions} for datum in _data(counts) for dimensions in (variant, of_config)]
        try:
            self._host.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)
        except (ClientError, BotoCoreError):
            _logger.exception("metrics of endpoint %s are lost", fleet.endpoint)


def _data(counts: _Counts) -> list[dict[str, Any]]:
    statuses = [invocation.status for invocation in counts.invocations]
    if not statuses:
        return [*_datum("Invocations", "Count", [0.0]), *_datum("InvocationsPerInstance", "Count", [0.0])]
    return [
        *_datum("Invocations", "Count", [1.0] * len(statuses)),
        *_datum("InvocationsPerInstance", "Count", [1.0 / counts.instances] * len(statuses)),
        *_datum("Invocation4XXErrors", "Count", (400 <= status < 500 for status in statuses)),
        *_datum("Invocation5XXErrors", "Count", (status >= 500 for status in statuses)),
        *_datum("InvocationModelErrors", "Count", (not 200 <= status < 300 for status in statuses)),
        *_datum("ModelLatency", "Microseconds", (_microseconds(found.model_seconds) for found in counts.invocations)),
        *_datum(
            "OverheadLatency", "Microseconds", (_microseconds(found.overhead_seconds) for found in counts.invocations)
        ),
    ]


def _datum(name: str, unit: str, values: Iterable[float]) -> list[dict[str, Any]]:
    """Values with their counts."""
    counted = list(Counter(map(float, values)).items())
    data = []
    for start in range(0, len(counted), _MOST_VALUES):
        found, times = zip(*counted[start : start + _MOST_VALUES], strict=True)
        data.append({"MetricName": name, "Unit": unit, "Values": list(found), "Counts": list(map(float, times))})
    return data


def _microseconds(seconds: float) -> float:
    """In two digits: CloudWatch keeps each value with its count, and a busy endpoint must not fill the memory."""
    return float(f"{seconds * 1e6:.2g}")
