"""Event histories become states; the events have the members of GetExecutionHistory's answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.workflows import history

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def entered(second: float, name: str, kind: str = "Task") -> dict[str, Any]:
    return {"type": f"{kind}StateEntered", "timestamp": at(second), "stateEnteredEventDetails": {"name": name}}


def exited(second: float, name: str, kind: str = "Task") -> dict[str, Any]:
    return {"type": f"{kind}StateExited", "timestamp": at(second), "stateExitedEventDetails": {"name": name}}


def failed(second: float, error: str, cause: str) -> dict[str, Any]:
    details = {"error": error, "cause": cause}
    return {"type": "TaskFailed", "timestamp": at(second), "taskFailedEventDetails": details}


def plain(second: float, kind: str) -> dict[str, Any]:
    return {"type": kind, "timestamp": at(second)}


def test_states_in_order_with_their_times() -> None:
    states = history.read(
        [
            plain(0, "ExecutionStarted"),
            entered(0, "Prepare"),
            plain(1, "TaskScheduled"),
            exited(9, "Prepare"),
            entered(9, "Train"),
        ]
    )
    assert [(state.name, state.running, state.seconds(at(30))) for state in states] == [
        ("Prepare", False, 9.0),
        ("Train", True, 21.0),
    ]


def test_a_loop_is_one_state_with_its_visits() -> None:
    events = [event for second in (0, 10, 20) for event in (entered(second, "Poll"), exited(second + 1, "Poll"))]
    (state,) = history.read(events)
    assert (state.visits, state.seconds(at(99))) == (3, 21.0)


def test_a_caught_failure_keeps_its_reason_and_a_retried_one_loses_it() -> None:
    caught = [entered(0, "Train"), failed(5, "CapacityError", "none left"), exited(5, "Train"), entered(5, "Again")]
    retried = [failed(6, "Throttling", "slow down"), plain(7, "TaskSucceeded"), exited(8, "Again")]
    first, second = history.read([*caught, *retried])
    assert (first.error, first.running) == ("CapacityError: none left", False)
    assert (second.error, second.running) == (None, False)


def test_a_failure_that_ends_the_execution_leaves_its_state_open() -> None:
    events = [entered(0, "Gate"), failed(1, "BelowThreshold", "0.91 < 0.985"), plain(1, "ExecutionFailed")]
    (state,) = history.read(events)
    assert state.running
    assert state.error == "BelowThreshold: 0.91 < 0.985"


def test_only_states_that_work_are_tasks() -> None:
    events = [
        entered(0, "Passes", "Choice"),
        exited(0, "Passes", "Choice"),
        entered(0, "Wait", "Wait"),
        entered(1, "Do"),
    ]
    assert [state.name for state in history.tasks(history.read(events))] == ["Do"]


@pytest.mark.parametrize(
    ("error", "cause", "expected"),
    [
        ("A", "b", "A: b"),
        ("A", None, "A"),
        (None, "b", "b"),
        (None, None, "no reason given"),
        ("", "", "no reason given"),
        ("A", "[1]", "A: [1]"),
        ("A", '{"other": 1}', 'A: {"other": 1}'),
        ("A", '{"TrainingJobStatus": "Failed", "FailureReason": "CapacityError: none"}', "A: CapacityError: none"),
        ("A", '{"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxWaitTimeExceeded"}', "A: MaxWaitTimeExceeded"),
        (
            "A",
            '{"ProcessingJobStatus": "Failed", "ExitMessage": "no data", "FailureReason": "AlgorithmError"}',
            "A: no data",
        ),
        ("A", '{"ProcessingJobStatus": "Stopped"}', "A: Stopped"),
        ("KeyError", '{"errorMessage": "no run", "errorType": "KeyError", "stackTrace": []}', "KeyError: no run"),
    ],
)
def test_failure(error: str | None, cause: str | None, expected: str) -> None:
    assert history.failure(error, cause) == expected
