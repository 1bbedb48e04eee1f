"""Optuna's samplers, in the place of AWS's own searches, which are not public.

Bayesian is the Tree-structured Parzen Estimator (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", 2011);
what is still running counts as bad there (`constant_liar`), so that parallel jobs do not all try the same. Grid goes
through all combinations in their order (Developer Guide, "How Hyperparameter Tuning with SageMaker AI Works").
Optuna is imported with this module, so this module is imported by the first tuning job.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.study import StudyDirection
from optuna.trial import Trial, TrialState

from sandbox.services.sagemaker.tuning.ranges import LOGARITHMIC, REVERSE_LOGARITHMIC, Category, Range
from sandbox.services.sagemaker.tuning.search import Search

optuna.logging.set_verbosity(optuna.logging.WARNING)


_DIRECTIONS = {"Maximize": StudyDirection.MAXIMIZE, "Minimize": StudyDirection.MINIMIZE}


def search(strategy: str, goal: str, ranges: Sequence[Range], seed: int | None) -> Search:
    """A search by its name in the API. `goal` is Maximize or Minimize."""
    if strategy == "Grid":
        return GridSearch([item for item in ranges if isinstance(item, Category)])
    sampler: optuna.samplers.BaseSampler
    if strategy == "Random":
        sampler = optuna.samplers.RandomSampler(seed)
    else:
        sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
    return OptunaSearch(sampler, goal, ranges)


class OptunaSearch:
    """One study in memory."""

    def __init__(self, sampler: optuna.samplers.BaseSampler, goal: str, ranges: Sequence[Range]) -> None:
        self._ranges = {item.name: item for item in ranges}
        self._study = optuna.create_study(direction=_DIRECTIONS[goal], sampler=sampler)
        self._trials: dict[int, Trial] = {}

    def ask(self) -> tuple[int, dict[str, str]]:
        """Never None: numbers do not run out, and AWS repeats categories as well."""
        trial = self._study.ask({name: _distribution(item) for name, item in self._ranges.items()})
        self._trials[trial.number] = trial
        return trial.number, {name: _text(self._ranges[name], value) for name, value in trial.params.items()}

    def tell(self, number: int, objective: float | None) -> None:
        trial = self._trials.pop(number)
        if objective is None:
            self._study.tell(trial, state=TrialState.FAIL)
        else:
            self._study.tell(trial, objective)


class GridSearch:
    """Every combination once."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self._names = [item.name for item in categories]
        self._combinations = enumerate(itertools.product(*(item.values for item in categories)))

    def ask(self) -> tuple[int, dict[str, str]] | None:
        following = next(self._combinations, None)
        return following and (following[0], dict(zip(self._names, following[1], strict=True)))

    def tell(self, number: int, objective: float | None) -> None:
        """Do nothing: the order of a grid does not depend on results."""


def _distribution(item: Range) -> BaseDistribution:
    if isinstance(item, Category):
        return CategoricalDistribution(item.values)
    if item.scale == REVERSE_LOGARITHMIC:  # the distance to 1 is what varies by orders of magnitude
        return FloatDistribution(1 - item.high, 1 - item.low, log=True)
    if item.integer:
        return IntDistribution(int(item.low), int(item.high), log=item.scale == LOGARITHMIC)
    return FloatDistribution(item.low, item.high, log=item.scale == LOGARITHMIC)


def _text(item: Range, value: float | str) -> str:
    """The value as a hyperparameter; rounding must not lead out of the range."""
    if isinstance(item, Category):
        return str(value)
    if item.integer:
        return str(int(value))
    number = 1 - float(value) if item.scale == REVERSE_LOGARITHMIC else float(value)
    return repr(min(max(number, item.low), item.high))
