"""Recognition of clients that are jobs or model servers, which may not call as root.

All users of the sandbox have root's keys, and so a job's code can have them, too, which is impossible on AWS. Here the
connection tells: the client of a job is a descendant of the sandbox's own process (keeper.py ends those that leave it).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import psutil

port: ContextVar[int] = ContextVar("peer_port", default=0)
"""The client's port for the current request; 0 outside a request."""

_SECONDS = 5.0
"""The lifetime of an answer for a port: clients keep connections, and the kernel reuses ports late."""
_ADMINISTRATION = ("/_ministack/", "/_localstack/")
_FOR_FUNCTIONS = "/_ministack/cfn-response/"
"""The path for the answer of a custom resource's function; its secret authorizes it, as on AWS."""


class Peers:
    """A detector of jobs among the clients; it remembers answers for some seconds."""

    def __init__(self, server: int) -> None:
        """`server` is the sandbox's port."""
        self._server = server
        self._known: dict[int, tuple[float, bool]] = {}

    def is_job(self) -> bool:
        """Tell whether the current request comes from a descendant of this process."""
        client, now = port.get(), time.monotonic()
        if not client:
            return False
        until, found = self._known.get(client, (0.0, False))
        if until < now:
            found = _is_connected(client, self._server)
            self._known = {key: value for key, value in self._known.items() if value[0] > now}
            self._known[client] = (now + _SECONDS, found)
        return found

    def guard(self, application: Any) -> Any:
        """Wrap the ASGI application: keep each client's port, and hide ministack's administration from jobs."""

        async def guarded(scope: dict[str, Any], receive: Any, send: Any) -> None:
            port.set((scope.get("client") or ("", 0))[1])
            path = scope.get("path", "")
            if path.startswith(_ADMINISTRATION) and not path.startswith(_FOR_FUNCTIONS) and self.is_job():
                await send({"type": "http.response.start", "status": 403, "headers": []})
                await send({"type": "http.response.body", "body": b"A job may not administer the sandbox.\n"})
                return
            await application(scope, receive, send)

        return guarded


def _is_connected(client: int, server: int) -> bool:
    """Tell whether a descendant, not this process, connects the two ports.

    A newly forked child has all of its parent's files until it becomes another program.
    """
    me = os.getpid()
    return any(_connects(client, server, pid) for pid in _descendants(me)) and not _connects(client, server, me)


def _connects(client: int, server: int, pid: int) -> bool:
    """Compare both ends: the kernel gives one local port to several connections, if their other ends differ."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    ends = ((each.laddr.port, each.raddr.port) for each in connections if each.laddr and each.raddr)
    return (client, server) in ends


def _descendants(pid: int) -> Iterator[int]:
    """The descendants by /proc if possible: psutil reads all processes, which takes milliseconds."""
    tasks = Path(f"/proc/{pid}/task")
    try:
        children = [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]
    except OSError:
        if not tasks.exists() and psutil.pid_exists(pid):
            yield from (child.pid for child in psutil.Process(pid).children(recursive=True))
        return
    for child in children:
        yield child
        yield from _descendants(child)
