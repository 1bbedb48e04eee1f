"""Answers of ministack's services to calls by resource handlers."""

from __future__ import annotations

import json
from typing import Any

Response = tuple[int, dict, bytes | str]


def answered(response: Response) -> dict[str, Any]:
    """The answer. Raises ValueError with the service's own sentence if it refused."""
    status, _, body = response
    found = json.loads(body) if body else {}
    if status >= 400:
        code = str(found.get("__type", "Error")).rpartition("#")[2]
        raise ValueError(f"{found.get('message') or found.get('Message') or body!r} (Error Code: {code})")
    return found
