"""The search alone: samplers, ranges, early stopping and completion, without a training job."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from sandbox.services.sagemaker.tuning.early_stopping import should_stop
from sandbox.services.sagemaker.tuning.progress import Progress
from sandbox.services.sagemaker.tuning.ranges import LINEAR, LOGARITHMIC, Category, Number, Range, ranges
from sandbox.services.sagemaker.tuning.samplers import search

PLANE: list[Range] = [Number("x", -5, 5, LINEAR, integer=False), Number("y", 1e-4, 1.0, LOGARITHMIC, integer=False)]


def best_of(strategy: str, seed: int, parallel: int = 1) -> float:
    """The least value of a bowl around x=1, y=0.01 in 30 trials, in parallel groups."""
    searching = search(strategy, "Minimize", PLANE, seed)
    found = []
    for _ in range(30 // parallel):
        trials = [searching.ask() for _ in range(parallel)]
        for number, values in filter(None, trials):
            x, y = float(values["x"]), float(values["y"])
            found.append((x - 1) ** 2 + (math.log10(y) + 2) ** 2)
            searching.tell(number, found[-1])
    return min(found)


@pytest.mark.parametrize("parallel", [1, 3])
def test_bayesian_finds_better_values_than_random(parallel: int) -> None:
    seeds = range(8)
    bayesian = statistics.median(best_of("Bayesian", seed, parallel) for seed in seeds)
    assert bayesian < 0.7 * statistics.median(best_of("Random", seed) for seed in seeds)


@pytest.mark.parametrize("strategy", ["Bayesian", "Random"])
def test_the_same_seed_finds_the_same(strategy: str) -> None:
    assert best_of(strategy, 3) == best_of(strategy, 3) != best_of(strategy, 4)


def test_trials_that_failed_or_still_run_do_not_hinder_the_search() -> None:
    searching = search("Bayesian", "Maximize", PLANE, 0)
    asked = [searching.ask() for _ in range(15)]
    assert len({str(each) for each in asked}) == 15
    for each in asked[:12]:
        assert each is not None
        searching.tell(each[0], None)
    assert searching.ask() is not None


def test_grid_tries_every_combination_once() -> None:
    searching = search("Grid", "Minimize", [Category("a", ("1", "2")), Category("b", ("x", "y"))], None)
    asked = []
    while (trial := searching.ask()) is not None:
        asked.append(trial[1])
        searching.tell(trial[0], 0.0)
    assert asked == [{"a": a, "b": b} for a in "12" for b in "xy"]


def number(low: str, high: str, scale: str) -> dict[str, str]:
    return {"Name": "p", "MinValue": low, "MaxValue": high, "ScalingType": scale}


@pytest.mark.parametrize(
    ("kind", "low", "high", "scale", "middle"),
    [
        ("Integer", "1", "9", "Linear", 5),
        ("Integer", "1", "1024", "Logarithmic", 32),
        ("Continuous", "0.0", "1.0", "Linear", 0.5),
        ("Continuous", "1e-6", "1", "Logarithmic", 1e-3),
        ("Continuous", "1e-6", "1", "Auto", 1e-3),
        ("Continuous", "0.5", "1", "Auto", 0.75),
        ("Continuous", "0.9", "0.9999", "ReverseLogarithmic", 1 - 10**-2.5),
        ("Integer", "3", "3", "Linear", 3),
    ],
)
def test_values_lie_in_their_range_and_on_its_scale(kind: str, low: str, high: str, scale: str, middle: float) -> None:
    found = ranges({f"{kind}ParameterRanges": [number(low, high, scale)]}, {})
    searching = search("Random", "Minimize", found, 0)
    texts = [trial[1]["p"] for trial in (searching.ask() for _ in range(200)) if trial]
    values = [float(text) for text in texts]
    assert all(float(low) <= value <= float(high) for value in values)
    assert kind == "Continuous" or all(text == str(int(text)) for text in texts)
    below = sum(value < middle for value in values) + sum(value == middle for value in values) / 2
    assert 70 < below < 130


@pytest.mark.parametrize(
    ("values", "previous", "goal", "stops"),
    [
        ([], [[1.0]], "Minimize", False),
        ([2.0], [], "Minimize", False),
        ([2.0], [[1.0]], "Minimize", True),
        ([2.0], [[1.0]], "Maximize", False),
        ([1.0], [[1.0]], "Minimize", False),
        ([9.0, 2.5], [[4.0, 2.0]], "Minimize", False),  # the average up to here is 3
        ([9.0, 3.5], [[4.0, 2.0]], "Minimize", True),
        ([2.0], [[1.0], [3.0], [5.0]], "Minimize", False),  # the median is 3
        ([0.0, 0.0], [[1.0]], "Maximize", False),  # no other trial has come this far
    ],
)
def test_early_stopping(values: list[float], previous: list[list[float]], goal: str, stops: bool) -> None:
    assert should_stop(values, previous, goal) is stops


def progress(goal: str, **criteria: Any) -> Progress:
    return Progress({"HyperParameterTuningJobObjective": {"Type": goal}, "TuningJobCompletionCriteria": criteria})


@pytest.mark.parametrize(
    ("goal", "target", "objectives"), [("Maximize", 0.9, [0.5, 0.95]), ("Minimize", 0.1, [0.5, 0.1])]
)
def test_the_target_is_enough(goal: str, target: float, objectives: list[float]) -> None:
    found = progress(goal, TargetObjectiveMetricValue=target)
    found.add("Completed", objectives[0])
    assert not found.enough()
    found.add("Completed", objectives[1])
    assert found.enough()


def test_no_improvement_of_one_per_cent_is_enough() -> None:
    found = progress("Maximize", BestObjectiveNotImproving={"MaxNumberOfTrainingJobsNotImproving": 3})
    for objective in (1.0, 1.005, 0.5, 1.02, 1.02, 1.0):
        found.add("Completed", objective)
    assert (found.not_improving, found.enough()) == (2, False)
    found.add("Stopped", 0.9)
    assert found.enough()


@pytest.mark.parametrize(
    ("ends", "nothing_left", "status"),
    [
        ([], False, None),
        ([], True, "Completed"),  # its time was over before any training job ended
        ([("Failed", None)] * 2, False, None),
        ([("Failed", None)] * 2, True, "Failed"),
        ([("Failed", None)] * 5, False, "Failed"),
        ([("Failed", None), ("Completed", 1.0)], False, None),
        ([("Failed", None), ("Completed", 1.0)], True, "Completed"),
    ],
)
def test_how_a_tuning_job_ends(ends: list[tuple[str, float | None]], nothing_left: bool, status: str | None) -> None:
    found = progress("Maximize")
    for end in ends:
        found.add(*end)
    verdict = found.verdict(nothing_left=nothing_left)
    assert (verdict and verdict[0]) == status


@pytest.mark.parametrize(
    ("ends", "sentence"),
    [
        ([("Failed", None)] * 4, None),
        ([("Failed", 0.5)] * 5, "No training job succeeded after 5 attempts."),
        ([*[("Failed", None)] * 4, ("Completed", None)], "No objective metrics found after running 5 training jobs."),
        ([("Completed", 1.0), *[("Failed", None)] * 9], None),
    ],
)
def test_hopeless(ends: list[tuple[str, float | None]], sentence: str | None) -> None:
    found = progress("Maximize")
    for status, objective in ends:
        found.add(status, objective)
    reason = found.hopeless()
    assert reason is None if sentence is None else str(reason).startswith(sentence)
