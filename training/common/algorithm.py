"""The declaration of a model's code: its hyperparameters, the files that it reads, its metrics.

Each package has one, in algorithm.py. Jobs read and check by it what they get and write; `cdk synth` checks
models/*.toml by it. SageMaker describes algorithms in the same way ("CreateAlgorithm", TrainingSpecification). This
module, and every algorithm.py, imports the standard library and modules of which that is true.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from training.common.errors import JobError
from training.common.hyperparameters import table
from training.common.run_settings import RunSettings

ROUNDING = 1e-6
"""A measured share of all examples may be above 1 by rounding."""


@dataclass(frozen=True)
class Metric:
    """The range of a metric, both ends included, and the direction of better values.

    `goal` is None for a number that is neither better nor worse.
    """

    goal: Literal["maximize", "minimize"] | None = None
    low: float = -math.inf
    high: float = math.inf

    @property
    def allowed(self) -> str:
        """The values, in words: "a number from 0 to 1"."""
        if math.isinf(self.high):
            return "a number" if math.isinf(self.low) else f"a number of {self.low:g} or more"
        return f"a number from {self.low:g} to {self.high:g}"

    def holds(self, value: float) -> bool:
        """Tell whether the metric can have this value."""
        return math.isfinite(value) and self.low <= value <= self.high


SHARE = Metric("maximize", 0, 1)
"""Of right answers, such as accuracy."""
ERROR = Metric("minimize", 0, 1)
"""A share of wrong answers, or a mean difference between shares."""
LOSS = Metric("minimize", 0)
RATE = Metric("maximize", 0)
CLASSIFICATION = {"accuracy": SHARE, "precision": SHARE, "recall": SHARE, "f1": SHARE}
"""The metrics of any classifier, as training/common/evaluation.py measures them."""


@dataclass(frozen=True)
class Algorithm:
    """The code of one package.

    Args:
        hyperparameters: a dataclass that has a field for each, with type and range.
        files: sets of file names; prepare reads the one set that the data set holds.
        training_metrics: by the names that the training job emits.
        evaluation_metrics: by their names in evaluation.json, all of which the evaluation job writes.
        needs_judge: whether the evaluation job reads another model's archive. Defaults to False.
    """

    hyperparameters: type[RunSettings]
    files: tuple[tuple[str, ...], ...]
    evaluation_metrics: Mapping[str, Metric]
    training_metrics: Mapping[str, Metric] = field(default_factory=dict)
    needs_judge: bool = False

    def __post_init__(self) -> None:
        """Raise TypeError for members that nothing could be checked by."""
        table(self.hyperparameters)
        if not (self.files and all(isinstance(names, tuple) and names for names in self.files)):
            raise TypeError('files is a tuple of tuples of names, such as (("images", "labels"),)')
        for metrics in (self.training_metrics, self.evaluation_metrics):
            if bare := [name for name, metric in metrics.items() if not isinstance(metric, Metric)]:
                raise TypeError(f"the metric {bare[0]} is no Metric(…), such as SHARE or LOSS")

    def require_written(self, metrics: Mapping[str, float]) -> None:
        """Raise JobError unless exactly the evaluation's metrics are there, each within its range."""
        declared = self.evaluation_metrics
        faults = [f"{name} is not declared" for name in metrics if name not in declared]
        faults += [f"{name} is declared and was not written" for name in declared if name not in metrics]
        faults += [
            f"{name} is {metrics[name]}, and is declared as {metric.allowed}"
            for name, metric in declared.items()
            if name in metrics and not metric.holds(_rounded(metrics[name], metric))
        ]
        if faults:
            raise JobError(
                f"The evaluation's metrics differ from evaluation_metrics in algorithm.py: {'; '.join(faults)}. "
                "Correct one of the two."
            )


def _rounded(value: float, metric: Metric) -> float:
    """The value, moved into the range if rounding alone took it out."""
    inside = min(max(value, metric.low), metric.high)
    return inside if abs(inside - value) <= ROUNDING else value
