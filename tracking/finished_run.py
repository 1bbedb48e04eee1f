"""One finished execution of the training workflow, as MLflow's parameters, metrics and tags."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_HOUR = 3600
_DIGEST = 8  # characters of the fingerprint, as people quote a commit
_MOST_CHANGES = 3  # in a run's name
Entry = dict[str, Any]


@dataclass(frozen=True)
class FinishedRun:
    """The contents of execution.json and evaluation.json, and [step, value] pairs by metric.

    `version` is the number of the registered version, None before it is registered and without one.
    """

    execution: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    history: Mapping[str, list[list[float]]]
    version: str | None = None

    @property
    def model(self) -> str:
        return self.execution["model"]

    @property
    def execution_arn(self) -> str:
        return self.execution["execution"]

    @property
    def name(self) -> str:
        """The version and what was set for this run: "v2 seed=1", "v3 tuned", "v1"; without a version "seed=1"."""
        overrides = [f"{key}={_shown(value)}" for key, value in sorted(self.execution.get("overrides", {}).items())]
        searched = ["tuned"] if self.execution.get("search") else []
        registered = [f"v{self.version}"] if self.version else []
        return _shortened([*registered, *searched, *overrides]) or "defaults"

    @property
    def metric(self) -> str | None:
        """The metric that the gate judges."""
        return self.execution.get("gate", {}).get("metric")

    @property
    def final_metrics(self) -> list[str]:
        """The names of the evaluation's numbers, in its order."""
        return [name for name, value in self.evaluation.get("metrics", {}).items() if isinstance(value, int | float)]

    @property
    def started(self) -> int:
        """Milliseconds since the epoch."""
        return min((_milliseconds(job["started"]) for job in self._jobs if job.get("started")), default=0)

    @property
    def ended(self) -> int:
        return max((_milliseconds(job["ended"]) for job in self._jobs if job.get("ended")), default=self.started)

    def parameters(self) -> list[Entry]:
        """The hyperparameters of the final training."""
        return _entries(self.execution.get("hyperparameters", {}))

    def tags(self) -> list[Entry]:
        """The origin of the run; empty values are left out."""
        job, data = self._training_job or {}, self.execution.get("data", {})
        tags = {
            "execution": self.execution_arn,
            "environment": self.execution.get("environment"),
            "version": self.version,
            "commit": self.execution.get("commit"),
            "mlflow.source.git.commit": (self.execution.get("commit") or "").removesuffix("-dirty"),
            "mlflow.source.name": self.execution.get("code", {}).get("package"),
            "mlflow.source.type": "PROJECT",
            "job": job.get("name"),
            "candidate": _candidate(job) if job else None,
            "image": job.get("image"),
            "data.dataset": data.get("dataset"),
            "data.fingerprint": data.get("fingerprint"),
            "search": (self.execution.get("search") or {}).get("job"),
        }
        return _entries({name: value for name, value in tags.items() if value})

    def datasets(self) -> list[Entry]:
        """The prepared data that the run was trained with."""
        data = self.execution.get("data", {})
        if "dataset" not in data:
            return []
        dataset = {
            "name": data["dataset"],
            "digest": data.get("fingerprint", "")[:_DIGEST],
            "source_type": "s3",
            "source": json.dumps({"uri": data.get("prepared")}),
        }
        return [{"dataset": dataset, "tags": [{"key": "mlflow.data.context", "value": "training"}]}]

    def metrics(self) -> list[Entry]:
        """Curves with their steps ("train:loss" as train/loss: the page groups by the slash), then the final numbers.

        All have the time of the run's end: the times of steps are unknown, and a second attempt must write the same.
        """
        final = {**self.evaluation.get("metrics", {}), **dict(self._compute())}
        return [
            *(self._metric(_curve(name), value, int(step)) for name, curve in self._curves() for step, value in curve),
            *(self._metric(name, value, 0) for name, value in final.items()),
        ]

    def _curves(self) -> Iterator[tuple[str, list[list[float]]]]:
        yield from sorted(self.history.items())

    def _metric(self, name: str, value: float, step: int) -> Entry:
        return {"key": name, "value": _number(value), "timestamp": self.ended, "step": step}

    def _compute(self) -> Iterator[tuple[str, float]]:
        """Seconds, interruptions and cost; no cost if a job's price is unknown."""
        ran = [job for job in self._jobs if job.get("billable_seconds")]
        if not ran:
            return
        yield "compute/billable_seconds", float(sum(job["billable_seconds"] for job in ran))
        yield "compute/interruptions", float(sum(job.get("interruptions") or 0 for job in self._jobs))
        if all(job.get("usd_per_hour") is not None for job in ran):
            yield "compute/usd", round(sum(_cost(job) for job in ran), 6)

    @property
    def _jobs(self) -> list[Mapping[str, Any]]:
        return self.execution.get("jobs", [])

    @property
    def _training_job(self) -> Mapping[str, Any] | None:
        """The last completed one: candidates before it were refused or interrupted."""
        done = [job for job in self._jobs if job["kind"] == "training" and job["status"] == "Completed"]
        return done[-1] if done else None


def _candidate(job: Mapping[str, Any]) -> str:
    """The compute that was used: "2 x ml.g5.xlarge spot"."""
    count = job.get("instance_count", 1)
    return " ".join([*([f"{count} x"] if count > 1 else []), job["instance_type"], job["purchase"]])


def _shortened(parts: list[str]) -> str:
    """The first parts of a name, and how many more there are."""
    more = len(parts) - _MOST_CHANGES - 1
    return " ".join([*parts[: _MOST_CHANGES + 1], *([f"+{more}"] if more > 0 else [])])


def _cost(job: Mapping[str, Any]) -> float:
    return job["billable_seconds"] / _HOUR * job["instance_count"] * job["usd_per_hour"]


def _curve(name: str) -> str:
    return name.replace(":", "/")


def _entries(values: Mapping[str, Any]) -> list[Entry]:
    return [{"key": name, "value": str(value)} for name, value in sorted(values.items())]


def _shown(value: object) -> str:
    """A value as text; a whole number without `.0`."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: float) -> float | str:
    """JSON has no NaN; MLflow takes such numbers as text."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _milliseconds(time: str) -> int:
    return int(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() * 1000)
