"""Charts and curves: one chart a quantity, round ticks, long curves as means."""

from __future__ import annotations

import re

import pytest
from html_page import checked

from pages import curves, windows
from pages.axis import Axis
from pages.chart import Chart, Series
from pages.run_files import RESUMED


def test_curves_of_the_same_quantity_share_a_chart() -> None:
    history = {
        "train:loss": [[1, 2.0], [2, 1.0]],
        "validation:loss": [[2, 1.5]],
        "train:examples_per_second": [[2, 9.0]],
        RESUMED: [[1, 1]],
    }
    html = checked(curves.section(history).html)
    assert html.count('class="chart"') == 2
    assert html.count('class="mark-line"') == 2
    assert "loss by step: train:loss ends at 1, validation:loss ends at 1.500" in html


def test_a_model_groups_its_own_curves() -> None:
    history = {"train:generator_loss": [[1, 1.0]], "train:discriminator_loss": [[1, 2.0]]}
    html = curves.section(history, {"losses": list(history)}).html
    assert html.count('class="chart"') == 1
    assert "generator loss</span>" in html


def test_a_long_curve_is_drawn_as_means() -> None:
    drawn = windows.of_values([(step, step % 2) for step in range(10_000)])
    assert len(drawn) <= windows.SHOWN_POINTS
    assert drawn[-1] == (9999, pytest.approx(0.5, abs=0.05))


@pytest.mark.parametrize(
    ("points", "drawn"),
    [
        ([(8, 9.0), (108, 4.0), (208, 2.0), (212, 28.0)], [(8, 9.0), (108, 4.0), (212, 3.0)]),
        ([(8, 9.0), (108, 4.0), (112, 28.0), (212, 2.0)], [(8, 9.0), (108, 4.0), (212, 3.0)]),
        ([(8, 9.0), (108, 4.0), (168, 2.0)], [(8, 9.0), (108, 4.0), (168, 2.0)]),
        ([(8, 9.0), (10, 1.0)], [(8, 9.0), (10, 1.0)]),
        ([(5, 1.0)], [(5, 1.0)]),
        ([], []),
    ],
    ids=["the training's last", "an epoch's last", "more than half", "two alone", "one alone", "none"],
)
def test_a_partial_window_is_no_point_of_its_own(
    points: list[tuple[float, float]], drawn: list[tuple[float, float]]
) -> None:
    assert windows.of_means(points) == drawn
    assert curves.shown("train:loss", points) == drawn
    assert curves.shown("validation:loss", points) == points


@pytest.mark.parametrize(
    ("values", "scale", "ticks"),
    [
        ([0, 1], "auto", [0, 0.25, 0.5, 0.75, 1]),
        ([0.97, 0.991], "auto", [0.97, 0.98, 0.99, 1.0]),
        ([0.02, 2], "auto", [0.03, 0.1, 0.3, 1]),
        ([1e-6, 10], "log", [1e-6, 1e-4, 1e-2, 1]),
        ([-3, 3], "auto", [-4, -2, 0, 2, 4]),
        ([0.99, 0.99], "linear", [0.85, 0.9, 0.95, 1.0]),
        ([0, 0], "linear", [0, 0.025, 0.05, 0.075, 0.1]),
        ([5, 5], "auto", [4.5, 4.75, 5, 5.25, 5.5]),
        ([], "auto", [0, 0.25, 0.5, 0.75, 1]),
    ],
)
def test_ticks_are_round(values: list[float], scale: str, ticks: list[float]) -> None:
    assert Axis.over(values, scale).ticks() == pytest.approx(ticks)


def test_of_many_words_some_are_written() -> None:
    assert Axis.of_words("abc").ticks() == [0, 1, 2]
    assert Axis.of_words([str(number) for number in range(30)]).ticks() == list(range(0, 30, 3))


def test_what_is_no_number_is_not_drawn() -> None:
    html = Chart("t", "a", [Series("s", [(1, float("nan")), (2, 1.0)])], "x", "y").html()
    assert "nan" not in re.sub(r'data-said="[^"]*"', "", html)
    assert html.count("<circle") == 1
