"""The lines of a job's log: what is printed is what is read."""

from __future__ import annotations

import pytest

from pages.run_log import Progress, metric_in, metric_line, progress_in, progress_line

POSITIONS = {
    "records": (Progress("train_records", 20, 60, seconds_left=4), "progress train_records=20/60 seconds_left=4"),
    "begun": (Progress("step", 0, 1404, 1, 3), "progress step=0/1404 epoch=1/3"),
    "resumed": (
        Progress("step", 800, 1404, 2, 3, 24, 400, {"train:loss": 0.0512, "validation:accuracy": 0.983}),
        "progress step=800/1404 epoch=2/3 seconds_left=24 resumed=400 train:loss=0.0512 validation:accuracy=0.983",
    ),
}


@pytest.mark.parametrize("case", POSITIONS)
def test_a_position_is_one_line_that_says_it_all(case: str) -> None:
    position, line = POSITIONS[case]
    assert progress_line(position) == line
    assert progress_in(line) == position


@pytest.mark.parametrize(
    "line",
    [
        "",
        "progress",
        "progress is good",
        "progress step=800",
        "progress step=1/0",
        "progress step=1/2 epoch=x/3",
        "progress step=1/2 loss=low",
        "progress step=1/2 and more",
        "in progress step=1/2",
        "metric train:loss=0.5 step=100",
    ],
)
def test_another_line_is_no_position(line: str) -> None:
    assert progress_in(line) is None


def test_a_metric_line_is_read_as_it_was_printed() -> None:
    assert metric_in(metric_line("train:loss", 0.0512, 800)) == ("train:loss", 0.0512)


@pytest.mark.parametrize("line", ["metric broken=--", "metric = 3", "metrics a=1", "progress step=1/2 a=1"])
def test_a_line_that_only_looks_like_a_metric_is_none(line: str) -> None:
    assert metric_in(line) is None


def test_the_share_never_exceeds_the_whole() -> None:
    assert (Progress("step", 1, 4).share, Progress("step", 9, 4).share) == (0.25, 1.0)
