"""Invocations of endpoints, counted and put into CloudWatch every ten seconds.

Source: AWS, "Metrics for monitoring Amazon SageMaker AI with Amazon CloudWatch": latencies are microseconds.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from sandbox.host import Host

NAMESPACE = "AWS/SageMaker"
_INTERVAL = 10.0
_MOST_VALUES = 150  # values of one datum of PutMetricData

_logger = logging.getLogger(__name__)


@dataclass
class _Counts:
    client_errors: int = 0
    server_errors: int = 0
    model_errors: int = 0
    latencies: list[float] = field(default_factory=list)


class InvocationMetrics:
    """Counts by endpoint and variant since the last time they were put."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], _Counts] = defaultdict(_Counts)
        self._closed = threading.Event()
        self._sender: threading.Thread | None = None

    def record(self, endpoint: str, variant: str, status: int, seconds: float) -> None:
        """Count one answer of a model server."""
        with self._lock:
            counts = self._counts[endpoint, variant]
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
        while not self._closed.wait(_INTERVAL):
            with self._lock:
                counts, self._counts = self._counts, defaultdict(_Counts)
            for (endpoint, variant), found in counts.items():
                self._put(endpoint, variant, found)

    def _put(self, endpoint: str, variant: str, counts: _Counts) -> None:
        dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
        data = [{**datum, "Dimensions": dimensions} for datum in _data(counts)]
        try:
            self._host.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)
        except (ClientError, BotoCoreError):
            _logger.exception("metrics of endpoint %s are lost", endpoint)


def _data(counts: _Counts) -> list[dict[str, Any]]:
    number = len(counts.latencies)
    totals = {
        "Invocations": number,
        "InvocationsPerInstance": number,
        "Invocation4XXErrors": counts.client_errors,
        "Invocation5XXErrors": counts.server_errors,
        "InvocationModelErrors": counts.model_errors,
    }
    data: list[dict[str, Any]] = [
        {"MetricName": name, "Value": float(value), "Unit": "Count"} for name, value in totals.items()
    ]
    for start in range(0, number, _MOST_VALUES):
        values = counts.latencies[start : start + _MOST_VALUES]
        data.append({"MetricName": "ModelLatency", "Values": values, "Unit": "Microseconds"})
    return data
