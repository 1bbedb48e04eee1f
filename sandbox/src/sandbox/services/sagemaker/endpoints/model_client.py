"""Invocations of a model server, over connections that stay open, within AWS's time limit."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

from sandbox.machines.plain_http import client
from sandbox.machines.plain_http.client import Answer

_PATH = "/invocations"


class NoAnswer(Exception):
    """When the model server did not answer: it took too long, or its connection broke."""

    def __init__(self, message: str, *, timed_out: bool) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class ModelClient:
    """To be used on one event loop."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._client = client.Client()

    async def invoke(self, port: int, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one invocation. Raises NoAnswer."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._client.send(port, "POST", _PATH, headers, body)
        except TimeoutError as error:
            raise NoAnswer("no answer in time", timed_out=True) from error
        except client.NoAnswer as error:
            raise NoAnswer(str(error), timed_out=False) from error


def reply_timeout() -> float:
    """The seconds that a container has for an answer. Tests shorten them."""
    return float(os.environ.get("SANDBOX_REPLY_TIMEOUT_SECONDS") or 60)
