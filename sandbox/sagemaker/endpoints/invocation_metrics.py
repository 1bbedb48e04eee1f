"""Invocations of endpoints, counted and put into CloudWatch once in a minute's scaled time.

Each datum goes to the endpoint's variant, and to the variant under its endpoint configuration, by which an update's
alarms tell the new fleet from the old.
Sources: AWS, "Metrics for monitoring Amazon SageMaker AI with Amazon CloudWatch" (latencies are microseconds),
"Auto-Rollback Configuration and Monitoring" (EndpointConfigName).
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from sandbox.host import Host
    from sandbox.sagemaker.endpoints.fleet import Fleet

NAMESPACE = "AWS/SageMaker"
_INTERVAL = 60.0  # seconds on AWS
_IDLE_INTERVAL = 10.0  # seconds between two zeros, so that an idle endpoint costs nearly nothing
_MOST_VALUES = 150  # values of one datum of PutMetricData

_logger = logging.getLogger(__name__)


@dataclass
class _Counts:
    client_errors: int = 0
    server_errors: int = 0
    model_errors: int = 0
    latencies: list[float] = field(default_factory=list)


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

    def record(self, fleet: Fleet, status: int, seconds: float) -> None:
        """Count one answer of a model server."""
        with self._lock:
            counts = self._counts.setdefault(fleet, _Counts())
            counts.latencies.append(seconds * 1e6)
            counts.client_errors += 400 <= status < 500
            counts.server_errors += status >= 500
            counts.model_errors += not 200 <= status < 300
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
                if found.latencies or not silent:
                    self._put(fleet, found)

    def _put(self, fleet: Fleet, counts: _Counts) -> None:
        variant = [{"Name": "EndpointName", "Value": fleet.endpoint}, {"Name": "VariantName", "Value": fleet.name}]
        of_config = [*variant, {"Name": "EndpointConfigName", "Value": fleet.config}]
        data = [
            {**datum, "Dimensions": dimensions}
            for datum in _data(counts, max(1, len(fleet)))
            for dimensions in (variant, of_config)
        ]
        try:
            self._host.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)
        except (ClientError, BotoCoreError):
            _logger.exception("metrics of endpoint %s are lost", fleet.endpoint)


def _data(counts: _Counts, instances: int) -> list[dict[str, Any]]:
    number = len(counts.latencies)
    totals = {
        "Invocations": number,
        "InvocationsPerInstance": number / instances,
        "Invocation4XXErrors": counts.client_errors,
        "Invocation5XXErrors": counts.server_errors,
        "InvocationModelErrors": counts.model_errors,
    }
    data: list[dict[str, Any]] = [
        {"MetricName": name, "Value": float(value), "Unit": "Count"} for name, value in totals.items()
    ]
    # Three digits say enough, and let CloudWatch keep a count instead of every request's own value.
    latencies = list(Counter(float(f"{value:.3g}") for value in counts.latencies).items())
    for start in range(0, len(latencies), _MOST_VALUES):
        values, times = zip(*latencies[start : start + _MOST_VALUES], strict=True)
        datum = {"MetricName": "ModelLatency", "Values": list(values), "Counts": list(map(float, times))}
        data.append({**datum, "Unit": "Microseconds"})
    return data
