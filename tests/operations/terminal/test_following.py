"""The display of an execution while it runs and after its end."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rich.console import Console

from operations.terminal.following import changes, progress, states_table
from operations.workflows.executions import Execution
from operations.workflows.history import StateProgress
from operations.workflows.jobs import JobView

START = datetime.now(UTC) - timedelta(seconds=90)
PREPARE = StateProgress("Prepare", "Task", START, START + timedelta(seconds=8))
GATE = StateProgress("Passes the gate?", "Choice", START, START)
TRAIN = StateProgress("Train", "Task", START + timedelta(seconds=8))
JOB = JobView("digits-cnn-0123", "Training", "InProgress", {"validation:accuracy": 0.98765}, "epoch 2 of 3")
RUNNING = Execution("arn:x", "RUNNING", START, None, None, None, None, (PREPARE, GATE, TRAIN), JOB)


def shown(execution: Execution) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(states_table(execution))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_table_tells_what_is_done_what_goes_on_and_what_the_job_says() -> None:
    lines = shown(RUNNING).splitlines()
    assert lines[0].split() == ["✓", "Prepare", "8.0", "s"]
    assert lines[1].split()[:2] == ["▸", "Train"]
    assert "epoch 2 of 3" in lines[2]
    assert "validation:accuracy 0.9877" in lines[2]
    assert re.fullmatch(r"RUNNING  \d+ min \d\d s", lines[3])


def test_the_state_in_which_an_execution_failed_is_marked() -> None:
    failed = replace(RUNNING, status="FAILED", stopped=START + timedelta(seconds=20), error="E", cause="why", job=None)
    failed = replace(failed, states=(PREPARE, replace(TRAIN, error="E: why")))
    assert [line.split() for line in shown(failed).splitlines()] == [
        ["✓", "Prepare", "8.0", "s"],
        ["✗", "Train", "12.0", "s", "E:", "why"],
        ["FAILED", "20.0", "s"],
    ]
    assert failed.reason == "E: why"


def test_a_training_tells_what_its_gate_compared() -> None:
    ended = replace(RUNNING, status="SUCCEEDED", output='{"gate": "accuracy 0.99, and there is no champion"}')
    assert ended.gate == ended.as_json()["gate"] == "accuracy 0.99, and there is no champion"
    for output in (None, "{}", "[]", '"text"'):
        assert replace(RUNNING, output=output).gate is None


def test_a_line_is_said_only_where_something_is_new() -> None:
    moved = replace(RUNNING, job=replace(JOB, line="epoch 3 of 3"))
    said = [line for _, line in changes([RUNNING, RUNNING, moved])]
    assert [bool(line) for line in said] == [True, False, True]
    assert said[0] == f"RUNNING  Train  {progress(RUNNING)}"


def test_the_json_form_has_no_hidden_members() -> None:
    document = RUNNING.as_json()
    assert document["states"][0] == {
        "name": "Prepare",
        "type": "Task",
        "entered": START,
        "left": START + timedelta(seconds=8),
        "visits": 1,
        "error": None,
    }
    assert (document["execution"], document["status"], document["stopped"]) == ("arn:x", "RUNNING", None)
