"""Tables for people and JSON for programs."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from operations.terminal import render


def shown(renderable: object) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0.0 s"), (4.24, "4.2 s"), (59.94, "59.9 s"), (60, "1 min 00 s"), (185, "3 min 05 s"), (7384, "2 h 03 min")],
)
def test_duration(seconds: float, expected: str) -> None:
    assert render.duration(seconds) == expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [(0, "0 B"), (999, "999 B"), (9_912_422, "9.9 MB"), (2e12, "2000.0 GB"), (47_040_016, "47.0 MB")],
)
def test_size(octets: float, expected: str) -> None:
    assert render.size(octets) == expected


def test_a_cell_is_shown_as_it_is_even_if_it_looks_like_markup() -> None:
    text = shown(render.table("T", ("a", "b", "c"), [("[red]x[/red]", None, 0.99123)]))
    assert "[red]x[/red]" in text
    assert " - " in text
    assert "0.9912" in text


def test_json_knows_times_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    render.print_json({"when": datetime(2026, 1, 2, tzinfo=UTC), "for": timedelta(seconds=1.5)})
    assert json.loads(capsys.readouterr().out) == {"when": "2026-01-02T00:00:00+00:00", "for": 1.5}
    with pytest.raises(TypeError, match="set has no JSON form"):
        render.print_json({"x": {1}})


def test_sentences_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    render.say("[bold] stays as it is")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "[bold] stays as it is\n")


LONG = "The training ended as FAILED: NameError in training/digits_cnn/run.py, line 35: name 'x' is not defined"
ARN = "arn:aws:states:us-east-1:000000000000:execution:slipway-local-digits-cnn-training-WorkflowMachine:05839e72"
WRAPPED = {
    "short": ("one line", "one line"),
    "prose": (
        LONG,
        "The training ended as FAILED: NameError in training/digits_cnn/run.py, line 35:\nname 'x' is not defined",
    ),
    "a command on its line": (f"Log:\n    {'word ' * 20}", f"Log:\n    {'word ' * 20}"),
    "a command in backticks": (f"{LONG[:70]} `a b c d e f g h`.", f"{LONG[:70].strip()}\n`a b c d e f g h`."),
    "characters of two cells": ("日本 " * 20, "日本 " * 15 + "日本\n" + "日本 日本 日本 日本"),
    "an empty line": ("one\n\ntwo", "one\n\ntwo"),
    "one long word": (f"Started {ARN}", f"Started\n{ARN}"),
}


@pytest.mark.parametrize("case", WRAPPED)
def test_a_sentence_breaks_between_words_and_a_command_not_at_all(case: str) -> None:
    text, expected = WRAPPED[case]
    assert render.wrapped(text, 80) == expected
