"""The progress lines of a training."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pages.run_log import Progress, progress_in
from training.common import metrics, progress
from training.common.metrics import History
from training.common.progress import TrainingProgress


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> History:
    empty = History()
    monkeypatch.setattr(metrics, "history", empty)
    monkeypatch.setattr(progress, "history", empty)
    return empty


def clock(*times: float) -> Callable[[], float]:
    rest = iter(times)
    return lambda: next(rest)


def printed(capsys: pytest.CaptureFixture[str]) -> list[Progress | None]:
    return [progress_in(line) for line in capsys.readouterr().out.splitlines()]


def test_the_first_and_the_last_position_are_printed_and_those_between_not_too_often(
    history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    training = TrainingProgress(0, 40, 20, clock(0, 9, 9.5, 10, 12))
    history.add("train:loss", 0.5, 10)
    for _ in range(4):
        training.advance(10)
    loss = {"train:loss": 0.5}
    assert printed(capsys) == [
        Progress("step", 0, 40, 1, 2),
        Progress("step", 10, 40, 1, 2, None, 0, loss),  # its time includes the compilation
        Progress("step", 40, 40, 2, 2, 0, 0, loss),
    ]


def test_the_time_left_is_that_of_the_steps_since_the_first(
    history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    training = TrainingProgress(0, 100, 50, clock(0, 60, 62))
    training.advance(10)
    training.advance(20)
    assert [seen and seen.seconds_left for seen in printed(capsys)] == [None, None, 7]


def test_a_resumed_training_says_where_it_goes_on_with_its_metrics(
    history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    history.add("validation:accuracy", 0.9, 20)
    history.add(metrics.RESUMED, 1, 25)
    TrainingProgress(25, 50, 20, clock(0))
    assert printed(capsys) == [Progress("step", 25, 50, 2, 3, None, 25, {"validation:accuracy": 0.9})]


def test_a_part_of_an_epoch_is_the_first_of_one(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    TrainingProgress(0, 5, 20, clock(0))
    assert printed(capsys) == [Progress("step", 0, 5, 1, 1)]
