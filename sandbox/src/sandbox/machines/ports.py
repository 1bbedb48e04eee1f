"""Ports of this machine, and the HTTP servers behind them."""

from __future__ import annotations

import contextlib
import http.client
import socket


def free_port() -> int:
    """A port that no program uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers_ok(port: int, path: str, timeout: float) -> bool:
    """Tell whether a local server answers GET with 200 within `timeout` seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection):
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (http.client.HTTPException, OSError):
            return False
