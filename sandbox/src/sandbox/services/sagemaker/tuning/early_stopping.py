"""Stop Training Jobs Early: AWS's documented rule, which is not quite Optuna's MedianPruner.

Source: SageMaker Developer Guide, "Stop Training Jobs Early": a job is stopped when its objective after an epoch is
worse than the median of the running averages of all previous jobs up to the same epoch. An epoch is one emitted value.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence


def should_stop(values: Sequence[float], previous: Iterable[Sequence[float]], goal: str) -> bool:
    """Tell whether a job with these values lags behind the completed jobs."""
    if not values:
        return False
    epochs = len(values)
    averages = [statistics.fmean(each[:epochs]) for each in previous if len(each) >= epochs]
    if not averages:
        return False
    median = statistics.median(averages)
    return values[-1] < median if goal == "Maximize" else values[-1] > median
