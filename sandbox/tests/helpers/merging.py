"""Requests that differ from a valid one in a few members."""

from __future__ import annotations

import copy
from typing import Any


def merged(request: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The request with dotted members replaced; None removes one."""
    request = copy.deepcopy(request)
    for path, value in changes.items():
        *parents, last = path.split(".")
        place: Any = request
        for name in parents:
            place = place[int(name)] if name.isdigit() else place.setdefault(name, {})
        if value is None:
            del place[last]
        else:
            place[last] = value
    return request
