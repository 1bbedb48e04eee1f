"""Lines of Amazon CloudWatch Logs: first the last ones, then what is new.

Sources: Amazon CloudWatch Logs API Reference, "GetLogEvents" (the token that comes back is the one that was sent, once
there is no more) and "FilterLogEvents".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import is_missing

MOST_STREAMS = 50
"""A page of DescribeLogStreams. Without a prefix, as for an endpoint, only those with the newest lines are read."""


@dataclass(frozen=True)
class Line:
    """A line and its stream. `time` is in milliseconds since 1970."""

    time: int
    stream: str
    text: str


class Log(Protocol):
    """A log that is read again and again. Nothing is there before the first line."""

    def read(self) -> list[Line]:
        """Read the last lines at first, and new ones later. Those of a stream are in the order of their time."""


class Streams:
    """The streams of a log group with one prefix. Each read finds new ones."""

    def __init__(
        self, connection: Connection, group: str, prefix: str, last: int, since: datetime | None = None
    ) -> None:
        self._client = connection.client("logs")
        self._group, self._prefix, self._last = group, prefix, last
        self._since = {"startTime": _milliseconds(since)} if since else {}
        self._tokens: dict[str, str] = {}
        self._begun = False

    def read(self) -> list[Line]:
        lines = [line for stream in self._streams() for line in self._new(stream)]
        self._begun = True
        return lines

    def _streams(self) -> list[str]:
        newest = {"orderBy": "LastEventTime", "descending": True, "PaginationConfig": {"MaxItems": MOST_STREAMS}}
        wanted: dict[str, Any] = {"logStreamNamePrefix": self._prefix} if self._prefix else newest
        pages = self._client.get_paginator("describe_log_streams").paginate(logGroupName=self._group, **wanted)
        try:
            return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
        except ClientError as error:
            if is_missing(error):  # nothing was printed yet
                return []
            raise

    def _new(self, stream: str) -> Iterator[Line]:
        """The lines that were not read before; at the first read, the last ones."""
        request: dict[str, Any] = {"startFromHead": True} if self._begun else {"limit": self._last}
        token = self._tokens.get(stream)
        while True:
            given = {"nextToken": token, "startFromHead": True} if token else request
            answer = self._client.get_log_events(logGroupName=self._group, logStreamName=stream, **self._since, **given)
            for event in answer["events"]:
                yield Line(event["timestamp"], stream, event["message"])
            if answer["nextForwardToken"] == token:
                return
            token = self._tokens[stream] = answer["nextForwardToken"]


class Matches:
    """The lines of a whole log group that contain a phrase."""

    def __init__(self, connection: Connection, group: str, phrase: str, last: int, since: datetime) -> None:
        self._client = connection.client("logs")
        self._wanted = {"logGroupName": group, "filterPattern": f'"{phrase}"'}
        self._last, self._since = last, _milliseconds(since)
        self._seen: set[str] = set()

    def read(self) -> list[Line]:
        pages = self._client.get_paginator("filter_log_events").paginate(**self._wanted, startTime=self._since)
        try:
            events = [event for page in pages for event in page["events"] if event["eventId"] not in self._seen]
        except ClientError as error:
            if is_missing(error):
                return []
            raise
        shown = events if self._seen else events[-self._last :]
        self._seen.update(event["eventId"] for event in events)
        return [Line(event["timestamp"], event["logStreamName"], event["message"]) for event in shown]


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)
