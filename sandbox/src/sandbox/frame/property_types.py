"""CloudFormation's properties as the API wants them: a template may write numbers and booleans as strings."""

from __future__ import annotations

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

_BOOLEANS = {"true": True, "false": False}


def typed(shape: Shape | None, value: Any) -> Any:
    """A copy of the value with "1" and "true" in the shape's own types. Other values stay."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {name: typed(shape.members.get(name), item) for name, item in value.items()}
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: typed(shape.value, item) for name, item in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [typed(shape.member, item) for item in value]
    return _scalar(shape.type_name if shape else "", value)


def _scalar(type_name: str, value: Any) -> Any:
    if type_name == "string" and isinstance(value, (int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if not isinstance(value, str):
        return value
    if type_name == "boolean":
        return _BOOLEANS.get(value.lower(), value)
    try:
        return {"integer": int, "long": int, "float": float, "double": float}.get(type_name, str)(value)
    except ValueError:
        return value
