"""A container's output, line by line, in a CloudWatch log stream."""

from __future__ import annotations

import time
from collections.abc import Callable

from botocore.exceptions import ClientError

from sandbox.frame.host import Host
from sandbox.machines.batches import Batches

_BATCH = 500
_LONGEST = 200_000  # characters: an event may have 256 KB
_INTERVAL = 1.0


class LogStream:
    """One stream, written about every second with SageMaker's own credentials."""

    def __init__(self, host: Host, group: str, stream: str) -> None:
        self._client = host.client("logs")
        self._names = {"logGroupName": group, "logStreamName": stream}
        _unless_there(self._client.create_log_group, logGroupName=group)
        _unless_there(self._client.create_log_stream, **self._names)
        self._events = Batches[dict[str, object]](self._put, _BATCH, _INTERVAL, f"lines for {stream}")
        self._events.start()

    def write(self, line: str) -> None:
        """Keep a line for the next batch. CloudWatch refuses empty messages: an empty line becomes a space."""
        self._events.add({"timestamp": int(time.time() * 1000), "message": line[:_LONGEST] or " "})

    def close(self) -> None:
        """Send the remaining lines."""
        self._events.close()

    def _put(self, events: list[dict[str, object]]) -> None:
        self._client.put_log_events(**self._names, logEvents=events)


def _unless_there(create: Callable[..., object], **names: str) -> None:
    """Create something unless it exists.

    The error is recognised by its code, because two threads may create a client's exception classes twice.
    """
    try:
        create(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
