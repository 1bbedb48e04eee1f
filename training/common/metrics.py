"""Metric lines on the log, which the job's MetricDefinitions pick up."""

from __future__ import annotations


def emit(name: str, value: float, step: int) -> None:
    """Print one metric: `metric train:loss=0.1234 step=100`."""
    print(f"metric {name}={value:.6g} step={step}", flush=True)
