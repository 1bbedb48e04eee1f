"""The progress in a job's log."""

from __future__ import annotations

import pytest

from operations.workflows import jobs


def test_the_latest_value_of_each_metric_and_the_last_other_line() -> None:
    lines = [
        "reading shards",
        "metric train:loss=0.5 step=100",
        "epoch 1 of 3",
        "metric train:loss=0.25 step=200",
        "metric validation:accuracy=9.9e-1 step=200",
        " ",
    ]
    assert jobs.read_log(lines) == ({"train:loss": 0.25, "validation:accuracy": 0.99}, "epoch 1 of 3")


@pytest.mark.parametrize("line", ["metric broken=--", "metric = 3", "metrics a=1"])
def test_a_line_that_only_looks_like_a_metric_is_no_metric(line: str) -> None:
    assert jobs.read_log([line])[0] == {}


def test_no_line_at_all() -> None:
    assert jobs.read_log([]) == ({}, "")
