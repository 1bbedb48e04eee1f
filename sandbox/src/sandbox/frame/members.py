"""Members of a request by their dotted paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def values_at(request: Any, path: str) -> Iterator[Any]:
    """Every value at a path ("ResourceConfig.InstanceType"), through lists. An absent member has none."""
    yield from _values(request, path.split("."))


def _values(part: Any, names: list[str]) -> Iterator[Any]:
    if isinstance(part, list):
        for item in part:
            yield from _values(item, names)
    elif not names:
        yield part
    elif isinstance(part, dict) and names[0] in part:
        yield from _values(part[names[0]], names[1:])
