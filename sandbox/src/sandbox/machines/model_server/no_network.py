"""Refusal of connections by this Python alone, on machines without network namespaces.

It stands in for a network of its own (machines/containers/isolation.py): handlers reach TensorFlow Serving beside them,
and nothing else. Programs that they start, and libraries with sockets of their own, are not held back.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

_MADE_BY_CALLS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


def refuse_connections(serving_port: int) -> None:
    """Let this process connect to one port of the loopback interface only. It cannot be undone."""

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo" and arguments[0] not in ("127.0.0.1", "localhost", None):
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        if event in _MADE_BY_CALLS and not _is_local(arguments[1], serving_port):
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

    sys.addaudithook(look)


def _is_local(address: Any, port: int) -> bool:
    """Tell whether an address is a file's, a pair's, or the one port."""
    if not isinstance(address, tuple):
        return True
    return address[0] in ("127.0.0.1", "localhost") and address[1] == port
