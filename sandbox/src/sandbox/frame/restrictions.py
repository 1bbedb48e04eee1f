"""Members that the sandbox honours for some of their values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.frame.errors import ValidationException


def refuse_other_values(operation: str, request: dict[str, Any], allowed: Mapping[str, tuple[Any, ...]]) -> None:
    """Raise ValidationException for every member (dotted, through lists) whose value is not among the allowed ones."""
    faults = [
        f"{operation}.{path} as {value} (it implements: {', '.join(map(str, values))})"
        for path, values in allowed.items()
        for value in _values(request, path.split("."))
        if value not in values
    ]
    if faults:
        raise ValidationException(f"the sandbox does not implement {'; '.join(faults)}")


def _values(part: Any, names: list[str]) -> Iterator[Any]:
    if isinstance(part, list):
        for item in part:
            yield from _values(item, names)
    elif not names:
        yield part
    elif isinstance(part, dict) and names[0] in part:
        yield from _values(part[names[0]], names[1:])
