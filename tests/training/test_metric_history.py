"""The metrics of a run as its history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pages.run_files import RESUMED
from training.common import metrics
from training.common.metrics import MOST_POINTS, History


def test_what_is_emitted_is_printed_and_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "history", History())
    metrics.emit("train:loss", 0.25, 10)
    assert capsys.readouterr().out == "metric train:loss=0.25 step=10\n"
    assert metrics.history.as_json() == {"train:loss": [[10, 0.25]]}


def test_a_resumed_run_has_one_curve_without_any_step_twice(tmp_path: Path) -> None:
    first = History()
    for step in (10, 20):
        first.add("train:loss", 1 / step, step)
    first.write(tmp_path)
    first.add("train:loss", 1 / 30, 30)  # after the checkpoint: the next job reaches this step again
    second = History()
    second.add("train:loss", 9.0, 40)  # of an earlier run in this process: forgotten
    second.resume(tmp_path, 20)
    for step in (30, 40):
        second.add("train:loss", 1 / step, step)
    assert second.as_json() == {"train:loss": [[step, 1 / step] for step in (10, 20, 30, 40)], RESUMED: [[20, 1]]}


def test_every_resumption_is_marked(tmp_path: Path) -> None:
    history = History()
    history.resume(tmp_path, 5)
    history.write(tmp_path)
    history.resume(tmp_path, 9)
    assert history.as_json() == {RESUMED: [[5, 1], [9, 2]]}


def test_a_run_from_the_start_has_no_mark_and_no_past() -> None:
    history = History()
    history.add("train:loss", 1.0, 3)
    history.resume(None, 0)
    assert history.as_json() == {}


def test_no_json_without_numbers() -> None:
    history = History()
    history.add("train:loss", float("nan"), 1)
    assert history.as_json() == {}


def test_a_long_run_is_thinned_and_keeps_its_newest_point() -> None:
    history = History()
    for step in range(3 * MOST_POINTS):
        history.add("train:loss", step, step)
    (points,) = history.as_json().values()
    assert len(points) <= MOST_POINTS
    assert points[-1] == [3 * MOST_POINTS - 1] * 2


def test_it_is_written_where_sagemaker_collects_it(tmp_path: Path) -> None:
    history = History()
    history.add("validation:accuracy", 0.5, 7)
    history.write(tmp_path / "data")
    assert json.loads((tmp_path / "data" / "history.json").read_text()) == {"validation:accuracy": [[7, 0.5]]}
