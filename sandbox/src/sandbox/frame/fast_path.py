"""The short way of requests that go past the gateway."""

from __future__ import annotations

from typing import Protocol

from sandbox.frame.messages import Request, Response


class FastPath(Protocol):
    """Serves some requests of one path."""

    prefix: bytes
    """The bytes that the requests begin with: b"POST /endpoints/"."""

    def takes(self, line: str, length: int) -> bool:
        """Decide before reading the body whether to take a request without a query."""
        ...

    def admits(self, request: Request) -> bool:
        """Decide whether to serve a whole request that it takes."""
        ...

    async def serve(self, request: Request) -> Response: ...
