"""The times of a training job over all of its attempts: limits, used and billed seconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping

from sandbox.services.sagemaker.jobs.execution import MAX_RUNTIME, MAX_WAIT, Limit

SPOT_PRICE = 0.3
"""The billed share of a second on spot: AWS's price follows the market, at most 90 % below on-demand."""


class Stopwatch:
    """The sum of several times, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Count the time within the block."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds += time.monotonic() - started


class TrainingClock:
    """Runs from the job's creation; the time between two attempts is neither training nor billed.

    `held` runs while the job has instances, from the download of its data to the upload of its model; `trained` while
    its containers run.
    """

    def __init__(self) -> None:
        self._created = time.monotonic()
        self.held, self.trained = Stopwatch(), Stopwatch()

    def limits(self, condition: Mapping[str, int]) -> list[Limit]:
        """For a run that begins now. API Reference, "StoppingCondition": both limits count over all attempts."""
        limits = [Limit(time.monotonic() + condition["MaxRuntimeInSeconds"] - self.trained.seconds, MAX_RUNTIME)]
        if "MaxWaitTimeInSeconds" in condition:
            limits.append(Limit(self._created + condition["MaxWaitTimeInSeconds"], MAX_WAIT))
        return limits

    def bill(self, purchase: str) -> dict[str, int]:
        """TrainingTimeInSeconds and BillableTimeInSeconds, whole seconds and at least one."""
        seconds = max(1, round(self.held.seconds))
        price = SPOT_PRICE if purchase == "spot" else 1
        return {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": max(1, round(seconds * price))}
