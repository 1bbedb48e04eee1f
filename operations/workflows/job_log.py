"""The end of a job's log: its position, its metrics, its last words.

Two calls a look: DescribeLogStreams for the newest stream of the first host, and GetLogEvents for its last lines. AWS
allows 25 and, in the slowest regions, 10 of them a second in an account and region (Amazon CloudWatch Logs User Guide,
"CloudWatch Logs quotas"); its price list has none for them, unlike Logs Insights and Live Tail. Names of groups and
streams: Amazon SageMaker AI Developer Guide, "CloudWatch Logs for Amazon SageMaker AI".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import is_missing
from pages.run_log import Progress, metric_in, progress_in

GROUPS = {"Training": "/aws/sagemaker/TrainingJobs", "Processing": "/aws/sagemaker/ProcessingJobs"}
_FIRST_HOST = "algo-1-"
"""The host that writes the metrics of a job on several; the name goes on with the time when the stream began."""
_LINES = 40
# Lines of TensorFlow's own code are about the machine, not about the progress.
_NOISE = re.compile(
    r"^([IWEF]\d{4} |WARNING: All log messages|To enable the following|\d{4}-\d\d-\d\d .*(tensorflow|xla)/)"
)


@dataclass(frozen=True)
class LogEnd:
    """The newest position and values in a log, and its last other line after them."""

    progress: Progress | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    line: str = ""


def log_end(connection: Connection, kind: str, job: str) -> LogEnd:
    """Read the end of the log of a job of a kind, "Training" or "Processing"."""
    return read(_lines(connection, GROUPS[kind], job))


def read(lines: Iterable[str]) -> LogEnd:
    """Read the lines of a log, the newest last. Code without progress lines shows its metric lines all the same."""
    progress, last = None, ""
    metrics: dict[str, float] = {}
    for line in lines:
        if found := progress_in(line):
            progress, last = found, ""
            metrics |= found.metrics
        elif metric := metric_in(line):
            metrics |= dict([metric])
        elif line.strip() and not _NOISE.match(line):
            last = line.strip()
    return LogEnd(progress, metrics, last)


def _lines(connection: Connection, group: str, job: str) -> list[str]:
    logs = connection.client("logs")
    try:
        found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/{_FIRST_HOST}")["logStreams"]
        if not found:
            return []
        newest = max(found, key=lambda stream: stream["creationTime"])  # a job that AWS restarts may begin another
        events = logs.get_log_events(
            logGroupName=group, logStreamName=newest["logStreamName"], limit=_LINES, startFromHead=False
        )["events"]
    except ClientError as error:
        if is_missing(error):  # nothing was printed yet
            return []
        raise
    return [event["message"] for event in events]
