"""A container's output, line by line, in a CloudWatch log stream."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.frame.host import Host

_BATCH = 500
_LONGEST = 200_000  # characters: an event may have 256 KB
_INTERVAL = 1.0

_logger = logging.getLogger(__name__)


class LogStream:
    """One stream, written about every second with SageMaker's own credentials."""

    def __init__(self, host: Host, group: str, stream: str) -> None:
        self._client = host.client("logs")
        self._names = {"logGroupName": group, "logStreamName": stream}
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._waiting: list[dict[str, object]] = []
        self._closed = threading.Event()
        _unless_there(self._client.create_log_group, logGroupName=group)
        _unless_there(self._client.create_log_stream, **self._names)
        threading.Thread(target=self._send_regularly, name=f"logs {stream}", daemon=True).start()

    def write(self, line: str) -> None:
        """Keep a line for the next batch. CloudWatch refuses empty messages: an empty line becomes a space."""
        event = {"timestamp": int(time.time() * 1000), "message": line[:_LONGEST] or " "}
        with self._lock:
            self._waiting.append(event)

    def close(self) -> None:
        """Send the remaining lines."""
        self._closed.set()
        self._send()

    def _send_regularly(self) -> None:
        while not self._closed.wait(_INTERVAL):
            self._send()

    def _send(self) -> None:
        with self._sending:  # one sender at a time keeps the lines in order
            with self._lock:
                lines, self._waiting = self._waiting, []
            for start in range(0, len(lines), _BATCH):
                try:
                    self._client.put_log_events(**self._names, logEvents=lines[start : start + _BATCH])
                except (ClientError, BotoCoreError):
                    _logger.exception("lines for %s are lost", self._names["logStreamName"])


def _unless_there(create: Callable[..., object], **names: str) -> None:
    """Create something unless it exists.

    The error is recognised by its code, because two threads may create a client's exception classes twice.
    """
    try:
        create(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
