"""The head of a request or of a response."""

from __future__ import annotations

from dataclasses import dataclass

_END = b"\r\n\r\n"
LARGEST_HEAD = 1 << 16  # bytes


class NotPlain(Exception):
    """When a message has no plain form: chunks, an upgrade, no length, a folded or broken header."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head: first line, headers by lower-case name, its own length, and the body's length."""

    line: str
    headers: dict[str, str]
    size: int
    length: int


def read_head(buffer: bytes | bytearray) -> Head | None:
    """Read the head at the start of the buffer; None while it is incomplete. Raises NotPlain."""
    end = buffer.find(_END)
    if end < 0:
        if len(buffer) > LARGEST_HEAD:
            raise NotPlain(f"a head of more than {LARGEST_HEAD} bytes")
        return None
    line, *fields = buffer[:end].decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for field in fields:
        name, colon, value = field.partition(":")
        name = name.lower()
        if not colon or not name or name != name.strip() or name in headers:
            raise NotPlain(f"the header line {field!r}")
        headers[name] = value.strip()
    return Head(line, headers, end + len(_END), _length(headers))


def keeps_alive(head: Head) -> bool:
    """Tell whether another message may follow on the connection, HTTP/1.1's default."""
    return head.headers.get("connection", "keep-alive").lower() == "keep-alive"


def _length(headers: dict[str, str]) -> int:
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not (length.isascii() and length.isdecimal()):
        raise NotPlain("a body without a content length")
    return int(length)
