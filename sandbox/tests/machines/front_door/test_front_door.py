"""The fast path of plain invocations, and the gateway from the first other request on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sandbox.frame.messages import Request, Response
from sandbox.machines.front_door.connection import Connection
from sandbox.machines.plain_http.client import Client, NoAnswer
from sandbox.machines.plain_http.head import NotPlain, read_head

FAST = b"POST /fast HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n"


class Echo:
    """Serves POST /fast with the body, unless it is "no!"."""

    prefix = b"POST /fast"

    def takes(self, line: str, length: int) -> bool:
        return line == "POST /fast HTTP/1.1" and length < 10

    def admits(self, request: Request) -> bool:
        return request.body != b"no!"

    async def serve(self, request: Request) -> Response:
        await asyncio.sleep(0)
        if request.body == b"bug":
            raise RuntimeError("on purpose")
        return Response(200, {"x-way": "fast"}, request.body)


class General(asyncio.Protocol):
    """Answers every piece of data with what it got."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(b"general:" + data)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, set[Connection]]]:
    open_: set[Connection] = set()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(Echo(), General, open_), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        yield reader, writer, open_
    finally:
        writer.close()
        server.close()


async def answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = read_head(await reader.readuntil(b"\r\n\r\n"))
    assert head is not None
    return head.line, await reader.readexactly(head.length)


def in_time(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(10):
            await test()

    asyncio.run(limited())


def test_requests_in_pieces_and_in_one_piece() -> None:
    async def talk() -> None:
        async with connected() as (reader, writer, _):
            for piece in (b"PO", FAST[2:40], FAST[40:] + b"\r\na", b"bc"):
                writer.write(piece)
                await asyncio.sleep(0.01)
            assert await answer(reader) == ("HTTP/1.1 200 OK", b"abc")
            writer.write((FAST + b"\r\n123") + (FAST + b"\r\n456"))
            assert [(await answer(reader))[1], (await answer(reader))[1]] == [b"123", b"456"]

    in_time(talk)


@pytest.mark.parametrize(
    "message",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST /fast?x=1 HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc",
        b"POST /fast HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
        b"POST /fast HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n",
        b"POST /fast HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /fast HTTP/1.1\r\nx: folded\r\n line\r\ncontent-length: 3\r\n\r\n",
        b"POST /fast HTTP/1.1\r\ncontent-length: 100\r\n\r\n",
        FAST + b"Expect: 100-continue\r\n\r\n",
        FAST + b"\r\nno!",
    ],
)
def test_what_is_not_plain_or_not_admitted_goes_the_general_way_with_all_that_was_read(message: bytes) -> None:
    async def talk() -> None:
        async with connected() as (reader, writer, _):
            writer.write(FAST + b"\r\nabc")
            assert await answer(reader) == ("HTTP/1.1 200 OK", b"abc")
            writer.write(message)
            expected = b"general:" + message
            assert await reader.readexactly(len(expected)) == expected
            writer.write(FAST + b"\r\nabc")
            assert (await reader.readexactly(8)) == b"general:", "there is no way back"

    in_time(talk)


def test_error_of_the_fast_path_is_an_answer() -> None:
    async def talk() -> None:
        async with connected() as (reader, writer, _):
            writer.write(FAST + b"\r\nbug")
            assert (await answer(reader))[0] == "HTTP/1.1 500 Internal Server Error"

    in_time(talk)


def test_connection_closes_when_the_client_or_the_server_wants() -> None:
    async def talk() -> None:
        async with connected() as (reader, writer, open_):
            writer.write(FAST + b"connection: close\r\n\r\nabc")
            assert (await answer(reader))[1] == b"abc"
            assert await reader.read() == b""
        async with connected() as (reader, writer, open_):
            writer.write(FAST + b"\r\nabc")
            await answer(reader)
            (connection,) = open_
            connection.shutdown()
            assert await reader.read() == b""
            assert not open_

    in_time(talk)


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (b"", "closed the connection before it answered"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "a body without a content length"),
        (b"HTTP/1.1 OK\r\ncontent-length: 0\r\n\r\n", "the server's answer begins with"),
    ],
)
def test_server_that_speaks_no_plain_http_gives_no_answer(answered: bytes, said: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answered)
        writer.close()

    async def talk() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        client, port = Client(), server.sockets[0].getsockname()[1]
        with pytest.raises(NoAnswer, match=said):
            await client.send(port, "GET", "/", {}, b"")
        server.close()
        with pytest.raises(NoAnswer, match="nothing answers on port"):
            await client.send(port, "GET", "/", {}, b"")

    in_time(talk)


def test_head_that_never_ends_is_not_plain() -> None:
    with pytest.raises(NotPlain):
        read_head(b"a" * 70_000)
