"""One client's connection: served by the fast path until a request needs the gateway."""

from __future__ import annotations

import asyncio
import http
import logging
from collections.abc import Callable
from email.utils import formatdate

from sandbox.frame.fast_path import FastPath
from sandbox.frame.messages import Request, Response
from sandbox.machines import peers
from sandbox.machines.plain_http.head import Head, NotPlain, keeps_alive, read_head

_logger = logging.getLogger(__name__)
_FAILED = Response(500, {"Content-Type": "application/json", "x-amzn-ErrorType": "InternalFailure"}, b"{}")


class Connection(asyncio.Protocol):
    """A connection on the fast path, until the first request that it does not serve.

    From then on the general protocol has the connection.
    """

    def __init__(self, fast_path: FastPath, general: Callable[[], asyncio.Protocol], open_: set[Connection]) -> None:
        self._fast_path, self._general, self._open = fast_path, general, open_
        self._transport: asyncio.Transport | None = None
        self._port = 0
        self._buffer = bytearray()
        self._head: Head | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._port = transport.get_extra_info("peername", ("", 0))[1]
        self._open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._open.discard(self)  # a running request continues, as on AWS

    def data_received(self, data: bytes) -> None:
        peers.port.set(self._port)
        self._buffer += data
        if self._task is None:
            self._next()

    def shutdown(self) -> None:
        """Close now, or after the current answer; called when the server stops."""
        if self._task is None:
            self.close()
        else:
            self._task.add_done_callback(lambda _: self.close())

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _next(self) -> None:
        try:
            found = self._request()
        except NotPlain:
            self._hand_over()
            return
        if found is not None:
            self._task = asyncio.get_running_loop().create_task(self._serve(*found))

    def _request(self) -> tuple[Request, bool] | None:
        """Take the next complete request from the buffer, and whether another may follow.

        None while the request is incomplete. Raises NotPlain, and leaves the buffer as it is, if the fast path does not
        serve the request.
        """
        prefix = self._fast_path.prefix
        if self._buffer[: len(prefix)] != prefix[: len(self._buffer)]:
            raise NotPlain
        head = self._head = self._head or read_head(self._buffer)
        if head is None:
            return None
        if "expect" in head.headers or not self._fast_path.takes(head.line, head.length):
            raise NotPlain
        end = head.size + head.length
        if len(self._buffer) < end:
            return None
        request = _request(head, bytes(self._buffer[head.size : end]))
        if not self._fast_path.admits(request):
            raise NotPlain
        del self._buffer[:end]
        self._head = None
        return request, keeps_alive(head)

    async def _serve(self, request: Request, keep: bool) -> None:
        try:
            response = await self._fast_path.serve(request)
        except Exception:
            _logger.exception("%s %s", request.method, request.path)
            response = _FAILED
        assert self._transport is not None
        self._transport.write(_message(response))
        self._task = None
        if not keep:
            self.close()
        elif self._buffer:
            self._next()

    def _hand_over(self) -> None:
        assert self._transport is not None
        general = self._general()
        self._open.discard(self)
        self._transport.set_protocol(general)
        general.connection_made(self._transport)
        general.data_received(bytes(self._buffer))


def _request(head: Head, body: bytes) -> Request:
    """The request of a recognised head, which has neither a query nor unusual spaces."""
    method, path, _ = head.line.split(" ")
    return Request(method, path, head.headers, body, {})


def _message(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {http.HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    lines += [f"Date: {formatdate(usegmt=True)}", f"Content-Length: {len(response.body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + response.body
