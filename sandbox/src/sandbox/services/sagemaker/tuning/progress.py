"""The progress of a tuning job: enough was found, or nothing will be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ATTEMPTS = 5
"""A tuning job gives up when none of this many training jobs succeeded (FailureReason of such jobs in public logs)."""
_IMPROVEMENT = 0.01


@dataclass
class Progress:
    """The ends of training jobs, one after the other.

    Sources: SageMaker API Reference, "TuningJobCompletionCriteria" and "BestObjectiveNotImproving" (1 % or
    more is an improvement).
    """

    config: Mapping[str, Any]
    best: float | None = None
    not_improving: int = 0
    failed: int = 0
    silent: int = 0
    """Those that ended well and never emitted the objective."""

    def add(self, status: str, objective: float | None) -> None:
        """One training job has ended."""
        if status == "Failed":
            self.failed += 1
        elif objective is None:
            self.silent += 1
        elif self.best is None:
            self.best = objective
        else:
            gain = (objective - self.best) * (1 if self._maximize else -1)
            self.not_improving = 0 if gain > 0 and gain >= _IMPROVEMENT * abs(self.best) else self.not_improving + 1
            self.best = objective if gain > 0 else self.best

    def enough(self) -> bool:
        """Tell whether a completion criterion is met."""
        criteria = self.config.get("TuningJobCompletionCriteria", {})
        target, most = criteria.get("TargetObjectiveMetricValue"), criteria.get("BestObjectiveNotImproving", {})
        if self.best is None:
            return False
        if target is not None and (self.best >= target if self._maximize else self.best <= target):
            return True
        return self.not_improving >= most.get("MaxNumberOfTrainingJobsNotImproving", float("inf"))

    def verdict(self, *, nothing_left: bool) -> tuple[str, str | None] | None:
        """The tuning job's terminal status and FailureReason, if it ends now.

        Nothing is left when all training jobs were launched and have ended, or when the time is over.
        At MaxRuntimeInSeconds a tuning job ends as by any other criterion: AWS does not document the status.
        """
        if reason := self.hopeless(1 if nothing_left else ATTEMPTS):
            return "Failed", reason
        return ("Completed", None) if nothing_left or self.enough() else None

    def hopeless(self, attempts: int = ATTEMPTS) -> str | None:
        """The FailureReason, if so many attempts gave no objective at all."""
        ended = self.failed + self.silent
        if self.best is not None or ended < attempts:
            return None
        if self.silent:
            return (
                f"No objective metrics found after running {ended} training jobs. Please ensure that the custom "
                "algorithm is emitting the objective metric as defined by the regular expression provided."
            )
        return (
            f"No training job succeeded after {ended} attempts. For additional details, please take a look at the "
            "training job failures by listing training jobs for the hyperparameter tuning job."
        )

    @property
    def _maximize(self) -> bool:
        return bool(self.config["HyperParameterTuningJobObjective"]["Type"] == "Maximize")
