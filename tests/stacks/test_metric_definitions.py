"""The job's MetricDefinitions find what the training code prints, once."""

from __future__ import annotations

import re

import pytest

from pages.run_log import Progress, metric_line, progress_line
from specs import Specs
from stacks.constructs.jobs.training_task import metric_definitions


@pytest.fixture
def patterns(specs: Specs) -> list[tuple[str, re.Pattern[str]]]:
    return [
        (each["Name"], re.compile(each["Regex"]))
        for model in specs.models
        for each in metric_definitions(model.training)
    ]


def test_a_metric_line_is_found(patterns: list[tuple[str, re.Pattern[str]]]) -> None:
    assert patterns
    for name, pattern in patterns:
        found = pattern.search(metric_line(name, 0.0512, 800))
        assert found, name
        assert float(found[1]) == 0.0512


def test_the_same_values_in_a_progress_line_are_not_counted_again(patterns: list[tuple[str, re.Pattern[str]]]) -> None:
    line = progress_line(Progress("step", 1, 2, metrics={name: 0.5 for name, _ in patterns}))
    assert [name for name, pattern in patterns if pattern.search(line)] == []
