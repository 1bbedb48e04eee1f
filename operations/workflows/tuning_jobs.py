"""The progress of a hyperparameter tuning job."""

from __future__ import annotations

from typing import Any

from operations.aws.connection import Connection


def progress(connection: Connection, name: str) -> tuple[dict[str, float], str]:
    """The best objective so far, by its metric, and a line about the training jobs."""
    sagemaker = connection.client("sagemaker")
    described = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    config, counters = described["HyperParameterTuningJobConfig"], described["TrainingJobStatusCounters"]
    most = config["ResourceLimits"].get("MaxNumberOfTrainingJobs", "?")
    ended = sum(counters.values()) - counters.get("InProgress", 0)
    failed = counters.get("NonRetryableError", 0) + counters.get("RetryableError", 0)
    parts = [f"{ended} of {most} training jobs ended", f"{counters.get('InProgress', 0)} running"]
    return _best(described), ", ".join([*parts, *([f"{failed} failed"] if failed else [])])


def _best(described: dict[str, Any]) -> dict[str, float]:
    found = described.get("BestTrainingJob", {}).get("FinalHyperParameterTuningJobObjectiveMetric")
    return {f"best {found['MetricName']}": found["Value"]} if found else {}
