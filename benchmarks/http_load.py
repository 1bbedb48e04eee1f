"""Cheap clients, so that the server is measured: raw sockets and prepared requests."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A port, and a function that builds a request for it.

    Requests are built for each round, because signatures expire.
    """

    port: int
    message: Callable[[], bytes]


class Client:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, message: bytes) -> bytes:
        """The body of the answer. Exits with the answer if its status is not 200."""
        self._socket.sendall(message)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        _, _, rest = head.lower().partition(b"content-length:")
        while len(body) < int(rest.split(b"\r\n", 1)[0]):
            body += self._receive()
        if b" 200 " not in head[:13]:
            raise SystemExit(f"unexpected answer: {(head + body)[:2000]!r}")
        return body

    def timed(self, message: bytes) -> float:
        """Seconds for one request."""
        began = time.perf_counter()
        self.ask(message)
        return time.perf_counter() - began

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> bytes:
        data = self._socket.recv(1 << 16)
        if not data:
            raise SystemExit("the server closed the connection")
        return data


def request(port: int, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def alternate(targets: Mapping[str, Target], requests: int) -> dict[str, list[float]]:
    """Seconds of one client's requests to each target in turn, so that disturbances affect all."""
    clients = {name: Client(target.port) for name, target in targets.items()}
    messages = {name: target.message() for name, target in targets.items()}
    seconds: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(requests):
        for name, client in clients.items():
            seconds[name].append(client.timed(messages[name]))
    for client in clients.values():
        client.close()
    return seconds


def at_once(target: Target, clients: int, seconds: float) -> tuple[list[float], float]:
    """Seconds of the requests of several clients without pauses, and requests per second."""
    message, latencies, until = target.message(), [], time.perf_counter() + seconds

    def ask() -> None:
        client = Client(target.port)
        while time.perf_counter() < until:
            latencies.append(client.timed(message))
        client.close()

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, len(latencies) / (time.perf_counter() - began)


def percentile(seconds: list[float], percent: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
