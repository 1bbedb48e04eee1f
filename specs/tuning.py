"""The search for hyperparameters: [training.tuning] of models/*.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool

from specs import words
from specs.base import Declared, Distinct, item_count
from specs.fields import (
    Bound,
    HyperparameterName,
    HyperparameterValue,
    MetricName,
    SearchedValue,
    Trials,
)
from specs.refusal import refused

MOST_RANGES = 30  # "Resource Limits for Automatic Model Tuning": hyperparameters that one tuning job searches


class Range(Declared):
    """The values of a hyperparameter in a search: between two ends, or from a list.

    It is an integer if both ends are written as whole numbers, and else continuous.
    """

    min: Bound | None = None
    max: Bound | None = None
    scale: Literal["linear", "log"] = "linear"
    values: Annotated[Distinct[SearchedValue], item_count(1, 30, '["relu", "gelu"]')] | None = None


def _searchable(ranges: dict[str, Range]) -> dict[str, Range]:
    if not 1 <= len(ranges) <= MOST_RANGES:
        message = "there is nothing to search" if not ranges else f"there are {len(ranges)} ranges"
        example = f"peak_learning_rate = {{ min = 0.001, max = 0.1, scale = {words.quoted('log')} }}"
        raise refused(message, allowed=f"1 to {MOST_RANGES} ranges (SageMaker)", write=example)
    return ranges


class Tuning(Declared):
    """A tuning job of at most `max_jobs` trials, `max_parallel_jobs` of them at once.

    A trial gets values of `ranges`, then `hyperparameters`, then the model's own. The best trial by `objective` wins.
    """

    strategy: Literal["bayesian", "random"] = "bayesian"
    objective: MetricName
    goal: Literal["maximize", "minimize"]
    max_jobs: Trials
    max_parallel_jobs: Trials
    early_stopping: StrictBool = False
    ranges: Annotated[dict[HyperparameterName, Range], AfterValidator(_searchable)]
    hyperparameters: dict[HyperparameterName, HyperparameterValue] = Field(default_factory=dict)
