"""HTTP requests and responses, as services and the front door exchange them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """An HTTP request to a service, and its time; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, list[str]]
    received: float = field(default_factory=time.perf_counter, compare=False)


@dataclass(frozen=True)
class Response:
    """An HTTP response of a service."""

    status: int
    headers: dict[str, str]
    body: bytes
