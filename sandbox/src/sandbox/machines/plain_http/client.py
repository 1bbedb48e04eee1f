"""Requests to servers on the loopback interface, over connections that stay open."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.machines.plain_http.head import Head, NotPlain, keeps_alive, read_head


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class NoAnswer(Exception):
    """When a server is unreachable, breaks the connection, or does not answer in plain HTTP."""


class Client:
    """A client with idle connections by port, for one event loop. A cancelled request closes its connection."""

    def __init__(self) -> None:
        self._idle: dict[int, list[_Connection]] = defaultdict(list)

    async def send(self, port: int, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one request. Raises NoAnswer."""
        connection = self._reuse(port) or await _connect(port)
        lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        message = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        try:
            head, answered = await connection.exchange(message)
            answer = Answer(_status(head), head.headers, answered)
        except BaseException:
            connection.close()
            raise
        if keeps_alive(head):
            self._idle[port].append(connection)
        else:
            connection.close()
        return answer

    def forget(self, port: int) -> None:
        """Close the idle connections to a server that is gone."""
        for connection in self._idle.pop(port, []):
            connection.close()

    def _reuse(self, port: int) -> _Connection | None:
        idle = self._idle[port]
        while idle:
            connection = idle.pop()
            if not connection.closed:
                return connection
        return None


async def _connect(port: int) -> _Connection:
    try:
        _, connection = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", port)
    except OSError as error:
        raise NoAnswer(f"nothing answers on port {port}: {error}") from error
    return connection


def _status(head: Head) -> int:
    words = head.line.split(" ", 2)
    if len(words) < 2 or not words[1].isdecimal():
        raise NoAnswer(f"the server's answer begins with {head.line!r}")
    return int(words[1])


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.closed = False
        self._buffer = bytearray()
        self._head: Head | None = None
        self._waiting: asyncio.Future[tuple[Head, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        self._fail(NoAnswer("the server closed the connection before it answered"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            self._head = self._head or read_head(self._buffer)
        except NotPlain as error:
            self._fail(NoAnswer(f"the server's answer has {error}"))
            self.close()
            return
        head = self._head
        if head is None or len(self._buffer) < head.size + head.length:
            return
        body = bytes(self._buffer[head.size : head.size + head.length])
        self._buffer.clear()
        self._head = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((head, body))

    async def exchange(self, message: bytes) -> tuple[Head, bytes]:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(message)
        return await self._waiting

    def close(self) -> None:
        self.closed = True
        if self._transport is not None:
            self._transport.close()

    def _fail(self, error: NoAnswer) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
