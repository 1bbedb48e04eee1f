"""How a model's hyperparameters are searched for: [training.tuning] of models/*.toml."""

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
    """Where a hyperparameter is searched: between two ends, or among values.

    Both ends written as whole numbers make it an integer, else it is continuous.
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
    """A hyperparameter tuning job: it trains at most `max_jobs` models, `max_parallel_jobs` of them at once.

    Its trials train with the model's hyperparameters, with `hyperparameters` in their place where it has them, and with
    values of `ranges`; the best trial by `objective` decides.
    """

    strategy: Literal["bayesian", "random"] = "bayesian"
    objective: MetricName
    goal: Literal["maximize", "minimize"]
    max_jobs: Trials
    max_parallel_jobs: Trials
    early_stopping: StrictBool = False
    ranges: Annotated[dict[HyperparameterName, Range], AfterValidator(_searchable)]
    hyperparameters: dict[HyperparameterName, HyperparameterValue] = Field(default_factory=dict)
