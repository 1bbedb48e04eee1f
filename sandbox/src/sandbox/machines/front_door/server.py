"""The HTTP server: uvicorn, with connections that begin on the fast path."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from sandbox.frame.fast_path import FastPath
from sandbox.machines.front_door.connection import Connection

_KEEP_ALIVE = 75  # seconds
_GRACE = 1  # seconds for running requests after the server is asked to stop


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: the sandbox has its own signal handlers."""
        yield


async def serve(application: Any, fast_path: FastPath, port: int, until: Callable[[], Awaitable[object]]) -> None:
    """Serve an ASGI application on the loopback interface until `until` returns."""
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=port,
        http=functools.partial(_connection, fast_path),  # type: ignore[arg-type]  # a factory does as well as a class
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # ministack writes its own
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )
    server = _Server(config)
    running, stopped = asyncio.ensure_future(server.serve()), asyncio.ensure_future(until())
    try:
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        server.should_exit = True
        await running


def _connection(
    fast_path: FastPath,
    config: uvicorn.Config,
    server_state: ServerState,
    app_state: dict[str, Any],
    _loop: asyncio.AbstractEventLoop | None = None,
) -> Connection:
    general = functools.partial(H11Protocol, config, server_state, app_state, _loop)
    return Connection(fast_path, general, server_state.connections)  # type: ignore[arg-type]  # it has shutdown(), too
