"""Error responses as falcon 3.1 in AWS's container writes them.

A handler may raise falcon's own HTTPError (falcon is in the image, and the only way to answer with a status other than
200 or 500). It is recognised by its members, so that only archives that use falcon need it.
"""

from __future__ import annotations

import http
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class HttpError(Exception):
    """When TensorFlow Serving refuses a request; the description is its body."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = f"{status} {http.HTTPStatus(status).phrase}"
        self.headers: dict[str, str] = {}
        self.description = description

    def to_dict(self) -> dict[str, Any]:
        return {"title": self.status, "description": self.description}


@dataclass(frozen=True)
class ErrorAnswer:
    """The response of an error."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer_of(error: Exception, accept: str) -> ErrorAnswer | None:
    """The answer for an HTTP error like falcon's; None for any other exception."""
    to_dict, status = getattr(error, "to_dict", None), getattr(error, "status", None)
    if to_dict is None or status is None:
        return None
    code = int(str(getattr(status, "value", status)).split()[0])
    headers = dict(_pairs(getattr(error, "headers", None)))
    if not _takes_json(accept):  # falcon then omits the body
        return ErrorAnswer(code, headers, b"")
    headers |= {"Content-Type": "application/json", "Vary": "Accept"}
    return ErrorAnswer(code, headers, json.dumps(to_dict(), ensure_ascii=False).encode())


def _pairs(headers: Any) -> list[tuple[str, str]]:
    if headers is None:
        return []
    return list(headers.items()) if isinstance(headers, Mapping) else list(headers)


def _takes_json(accept: str) -> bool:
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return any(kind in ("*/*", "application/*", "application/json", "") or "+json" in kind for kind in kinds)
