"""HTTP to model servers, over connections that stay open.

httpx costs about a millisecond of one core for each request, which is as much as the model: here the connection speaks
HTTP/1.1 through h11 and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass

import h11

TIMEOUT = 60.0  # "How Containers Serve Requests": a container must answer within 60 seconds
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Answer:
    """What a model server answered; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class NoAnswer(Exception):
    """When the model server did not answer: it took too long, or its connection broke."""

    def __init__(self, message: str, *, timed_out: bool) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class ModelClient:
    """Idle connections by port, to be used on one event loop."""

    def __init__(self) -> None:
        self._idle: dict[int, list[_Connection]] = defaultdict(list)

    async def post(self, port: int, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Send one request. Raises NoAnswer."""
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._post(port, path, headers, body)
        except TimeoutError as error:
            raise NoAnswer("no answer in time", timed_out=True) from error
        except (OSError, h11.ProtocolError, EOFError) as error:
            raise NoAnswer(f"the connection to the model server broke: {error}", timed_out=False) from error

    async def _post(self, port: int, path: str, headers: dict[str, str], body: bytes) -> Answer:
        connection = await self._connect(port)
        try:
            answer = await connection.post(path, headers, body)
        except BaseException:
            connection.close()
            raise
        if connection.reusable():
            self._idle[port].append(connection)
        else:
            connection.close()
        return answer

    async def _connect(self, port: int) -> _Connection:
        while self._idle[port]:
            connection = self._idle[port].pop()
            if not connection.stale():
                return connection
            connection.close()
        return _Connection(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.CLIENT)

    def stale(self) -> bool:
        """Whether the server closed it meanwhile."""
        return self._reader.at_eof() or self._writer.is_closing()

    def reusable(self) -> bool:
        """Whether another request may follow; prepares for it."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._writer.close()

    async def post(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        every = [("host", "127.0.0.1"), ("content-length", str(len(body))), *headers.items()]
        request = h11.Request(method="POST", target=path, headers=every)
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()
        return await self._receive()

    async def _receive(self) -> Answer:
        status, headers, parts = 0, {}, []
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(_CHUNK))
            elif isinstance(event, h11.Response):
                status = event.status_code
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
            elif isinstance(event, h11.Data):
                parts.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                return Answer(status, headers, b"".join(parts))
            elif isinstance(event, h11.ConnectionClosed):
                raise EOFError("closed before an answer")
