"""Lines for a log come when something changes, and not too often."""

from __future__ import annotations

from operations.terminal.pace import Pace


def test_the_pace_of_a_log() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    said = []
    for now, text in (
        (0.0, ""),
        (1.0, "epoch 1/3"),
        (5.0, "epoch 2/3"),
        (11.0, "epoch 2/3"),
        (40.0, "epoch 2/3"),
        (71.0, "epoch 2/3"),
    ):
        if pace.due(text):
            said.append((now, text))
    assert said == [(1.0, "epoch 1/3"), (11.0, "epoch 2/3"), (71.0, "epoch 2/3")]


def test_another_line_sets_the_pace_too() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    pace.said()
    now = 9.0
    assert not pace.due("epoch 1/3")
    now = 10.0
    assert pace.due("epoch 1/3")
