"""The short way of requests that go past the gateway."""

from __future__ import annotations

from typing import Protocol

from sandbox.frame.messages import Request, Response


class FastPath(Protocol):
    """Serves some requests of one path."""

    prefix: bytes
    """The bytes that the requests begin with: b"POST /endpoints/"."""

    def takes(self, line: str, length: int) -> bool:
        """Whether a request without a query may be for it, by its first line and its body's length.

        Asked before the body is read.
        """
        ...

    def admits(self, request: Request) -> bool:
        """Whether it serves the request; asked of whole requests that it takes."""
        ...

    async def serve(self, request: Request) -> Response: ...
