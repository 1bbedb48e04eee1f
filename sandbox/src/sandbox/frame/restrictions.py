"""Members that the sandbox honours for some of their values only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.frame.members import values_at


def refuse_other_values(operation: str, request: dict[str, Any], allowed: Mapping[str, tuple[Any, ...]]) -> None:
    """Raise ValidationException for members with values that are not allowed. Paths are dotted, through lists."""
    faults = [
        f"{operation}.{path} as {value} (it implements: {', '.join(map(str, values))})"
        for path, values in allowed.items()
        for value in values_at(request, path)
        if value not in values
    ]
    if faults:
        raise ValidationException(f"the sandbox does not implement {'; '.join(faults)}")
