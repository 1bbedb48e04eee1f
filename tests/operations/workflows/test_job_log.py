"""The end of a job's log, as CloudWatch Logs answers."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.workflows import job_log
from operations.workflows.job_log import LogEnd
from pages.run_log import Progress

POSITION = "progress step=200/300 epoch=2/3 train:loss=0.25 validation:accuracy=0.99"
PROGRESS = Progress("step", 200, 300, 2, 3, metrics={"train:loss": 0.25, "validation:accuracy": 0.99})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], LogEnd()),
        (["importing TensorFlow", " "], LogEnd(line="importing TensorFlow")),
        (["old", POSITION], LogEnd(PROGRESS, PROGRESS.metrics)),
        ([POSITION, "model written"], LogEnd(PROGRESS, PROGRESS.metrics, "model written")),
        (
            [POSITION, "metric train:loss=0.2 step=210"],
            LogEnd(PROGRESS, {"train:loss": 0.2, "validation:accuracy": 0.99}),
        ),
        (["metric accuracy=9.9e-1 step=1", "epoch 2"], LogEnd(metrics={"accuracy": 0.99}, line="epoch 2")),
        (["hello", "I0000 00:00:1.2 port.cc:153] oneDNN custom operations are on."], LogEnd(line="hello")),
    ],
)
def test_the_newest_position_and_values_and_the_last_words(lines: list[str], expected: LogEnd) -> None:
    assert job_log.read(lines) == expected


class Logs:
    """Two streams of the first host, as after a restart, the later one listed first."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def client(self, _: str) -> Logs:
        return self

    def describe_log_streams(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        if request["logStreamNamePrefix"] == "gone/algo-1-":
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "DescribeLogStreams")
        if request["logStreamNamePrefix"] != "job/algo-1-":
            return {"logStreams": []}
        return {
            "logStreams": [
                {"logStreamName": "job/algo-1-20", "creationTime": 20},
                {"logStreamName": "job/algo-1-10", "creationTime": 10},
            ]
        }

    def get_log_events(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        return {"events": [{"message": f"from {request['logStreamName']}"}]}


def test_two_calls_read_the_newest_stream_of_the_first_host() -> None:
    logs = Logs()
    assert job_log.log_end(logs, "Training", "job").line == "from job/algo-1-20"  # type: ignore[arg-type]
    assert [request["logGroupName"] for request in logs.asked] == ["/aws/sagemaker/TrainingJobs"] * 2
    assert (logs.asked[1]["limit"], logs.asked[1]["startFromHead"]) == (40, False)


@pytest.mark.parametrize("job", ["new", "gone"])
def test_a_job_that_has_printed_nothing_yet(job: str) -> None:
    assert job_log.log_end(Logs(), "Processing", job) == LogEnd()  # type: ignore[arg-type]
