"""Recorded executions in terminals of three widths, and as lines of a log."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from recorded_executions import EXECUTIONS, SEARCH
from rich.console import Console
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from operations.terminal.execution_view import ExecutionView, plain_line
from operations.terminal.job_lines import facts, trial_facts, trials
from operations.workflows.executions import Execution

WIDTHS = (60, 80, 120)


class TextFile(SingleFileSnapshotExtension):
    """One file of text a test."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


def shown(execution: Execution, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(ExecutionView(execution))
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", WIDTHS)
def test_pictures(width: int, snapshot: Any) -> None:
    pictures = (f"--- {case} ---\n{shown(execution, width)}" for case, execution in EXECUTIONS.items())
    assert "\n".join(pictures) == snapshot(extension_class=TextFile)


def test_lines(snapshot: Any) -> None:
    said = (f"{case}: {plain_line(execution)}" for case, execution in EXECUTIONS.items())
    assert "\n".join(said) == snapshot(extension_class=TextFile)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", EXECUTIONS)
def test_nothing_that_is_needed_is_cut(case: str, width: int) -> None:
    execution = EXECUTIONS[case]
    lines = [line.rstrip() for line in shown(execution, width).splitlines()]
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for fact in facts(execution.job).needed if execution.job else ():
        assert fact in text


@pytest.mark.parametrize("width", [30, *WIDTHS])
def test_a_fact_stays_on_one_line(width: int) -> None:
    job = EXECUTIONS["a classifier"].job
    assert job
    lines = shown(EXECUTIONS["a classifier"], width).splitlines()
    for fact in ("epoch 2/3", "step 800/1290", "loss 0.05120", "accuracy 0.9834", "24 s left"):
        assert [line for line in lines if fact in line], fact


def test_the_trials_stand_side_by_side_with_the_best_marked() -> None:
    lines = shown(EXECUTIONS["a search"], 120).splitlines()
    assert [line.split()[:3] for line in lines if "★" in line] == [["★", "trial", "1"]]
    assert [line.split("trial ")[1].split()[0] for line in lines if "  trial " in line or "★" in line] == list("12345")


def test_a_long_search_shows_its_best_its_running_and_its_newest_trials() -> None:
    many = tuple(replace(SEARCH.trials[1], number=number, name=f"t{number}") for number in range(6, 40))
    found = trials(replace(SEARCH, trials=(*SEARCH.trials, *many)))
    assert [trial.number for trial in found] == [1, 3, 5, 35, 36, 37, 38, 39]


def test_a_trial_without_a_result_says_so() -> None:
    assert trial_facts(SEARCH.trials[3], SEARCH.metric).needed == ("failed", "no result")


@pytest.mark.parametrize("case", EXECUTIONS)
def test_a_line_of_a_log_has_no_control_characters(case: str) -> None:
    assert plain_line(EXECUTIONS[case]).isprintable()
