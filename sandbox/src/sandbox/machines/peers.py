"""Which clients are jobs or model servers of the sandbox: those may not call as root.

Everybody who works with the sandbox has root's keys, and so has the code of a job, if it likes. On AWS it could not
have them; here the connection tells whose they are: its client is a descendant of the sandbox's own process (keeper.py
ends those that leave it).
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
"""The client's port of the connection whose request is being served; 0 outside of any."""

_SECONDS = 5.0
"""How long an answer holds for a port: clients keep connections, and the kernel is slow to give a port again."""
_ADMINISTRATION = ("/_ministack/", "/_localstack/")
_FOR_FUNCTIONS = "/_ministack/cfn-response/"
"""Where the function of a custom resource puts its answer; the secret in the path is what allows it, as on AWS."""


class Peers:
    """Tells jobs from people; an answer is remembered for some seconds."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[float, bool]] = {}

    def is_job(self) -> bool:
        """Whether the request being served comes from a child of this process, or from a child's child."""
        client, now = port.get(), time.monotonic()
        if not client:
            return False
        until, found = self._known.get(client, (0.0, False))
        if until < now:
            found = _has_port(client)
            self._known = {key: value for key, value in self._known.items() if value[0] > now}
            self._known[client] = (now + _SECONDS, found)
        return found

    def guard(self, application: Any) -> Any:
        """The ASGI application, told of each request's client, and without ministack's administration for jobs."""

        async def guarded(scope: dict[str, Any], receive: Any, send: Any) -> None:
            port.set((scope.get("client") or ("", 0))[1])
            path = scope.get("path", "")
            if path.startswith(_ADMINISTRATION) and not path.startswith(_FOR_FUNCTIONS) and self.is_job():
                await send({"type": "http.response.start", "status": 403, "headers": []})
                await send({"type": "http.response.body", "body": b"A job may not administer the sandbox.\n"})
                return
            await application(scope, receive, send)

        return guarded


def _has_port(client: int) -> bool:
    """Whether a descendant of this process has a connection from this port, and not this process itself.

    A child that was forked just now has all of its parent's files for a moment, until it becomes another program.
    """
    me = os.getpid()
    return any(_connects_from(client, pid) for pid in _descendants(me)) and not _connects_from(client, me)


def _connects_from(client: int, pid: int) -> bool:
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(connection.laddr and connection.laddr.port == client for connection in connections)


def _descendants(pid: int) -> Iterator[int]:
    """By way of /proc where there is one: psutil looks at every process of the machine, which takes milliseconds."""
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
