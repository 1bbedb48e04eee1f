"""The current job of an execution: found with few calls, and told as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from operations.workflows.history import StateProgress
from operations.workflows.jobs import CurrentJob
from pages.run_log import Progress

STARTED = datetime(2026, 11, 24, 9, tzinfo=UTC)
TRAIN = (StateProgress("Train", "Task", STARTED),)
EVALUATE = (StateProgress("Evaluate", "Task", STARTED),)


class Aws:
    """A training job on two hosts, and the calls that it was asked about."""

    def __init__(self, *transitions: str) -> None:
        self.transitions = list(transitions)
        self.calls: list[str] = []

    def client(self, _: str) -> Aws:
        return self

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> dict[str, Any]:
            self.calls.append(operation)
            answer: dict[str, Any] = getattr(self, f"_{operation}", lambda **_: {})(**request)
            return answer

        if operation.startswith("_"):
            raise AttributeError(operation)
        return call

    def _list_hyper_parameter_tuning_jobs(self, **_: Any) -> dict[str, Any]:
        return {"HyperParameterTuningJobSummaries": []}

    def _list_training_jobs(self, **_: Any) -> dict[str, Any]:
        job = {"TrainingJobName": "train", "TrainingJobStatus": "InProgress", "CreationTime": STARTED}
        return {"TrainingJobSummaries": [job]}

    def _list_processing_jobs(self, **_: Any) -> dict[str, Any]:
        return {"ProcessingJobSummaries": []}

    def _describe_training_job(self, **_: Any) -> dict[str, Any]:
        return {
            "SecondaryStatus": self.transitions[-1],
            "SecondaryStatusTransitions": [
                {"Status": status, "StatusMessage": f"{status}!"} for status in self.transitions
            ],
        }

    def _describe_log_streams(self, **_: Any) -> dict[str, Any]:
        return {"logStreams": [{"logStreamName": "train/algo-1-1", "creationTime": 1}]}

    def _get_log_events(self, **_: Any) -> dict[str, Any]:
        return {"events": [{"message": "progress step=8/40 epoch=1/2 resumed=4"}]}


def current(aws: Aws) -> CurrentJob:
    return CurrentJob(aws, "arn:x", STARTED)  # type: ignore[arg-type]


def test_a_training_tells_how_far_it_is_and_what_it_resumed_from() -> None:
    job = current(Aws("Starting", "Training", "Interrupted", "Starting", "Training")).look(TRAIN)
    assert job is not None
    assert (job.name, job.kind, job.phase, job.interruptions) == ("train", "Training", "", 1)
    assert job.log.progress == Progress("step", 8, 40, 1, 2, resumed=4)


def test_a_training_that_prints_nothing_tells_what_aws_says() -> None:
    job = current(Aws("Starting", "Downloading")).look(TRAIN)
    assert job is not None
    assert job.phase == "Downloading!"


def test_the_lists_are_asked_only_when_the_states_change() -> None:
    aws = Aws("Training")
    job = current(aws)
    job.look(TRAIN)
    aws.calls.clear()
    job.look(TRAIN)
    assert aws.calls == ["describe_training_job", "describe_log_streams", "get_log_events"]
    aws.calls.clear()
    job.look(EVALUATE)
    assert "list_training_jobs" in aws.calls
