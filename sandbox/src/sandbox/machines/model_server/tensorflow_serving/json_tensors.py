"""Conversion of JSON values to arrays, with TensorFlow Serving's checks and messages (util/json_tensor.cc).

NumPy converts plain numbers at once; other values are converted one by one, which finds the error.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import numpy as np

from sandbox.machines.model_server.tensorflow_serving.errors import UNIMPLEMENTED, ServingError
from sandbox.machines.model_server.tensorflow_serving.rapidjson import debug_text, type_name


@dataclass(frozen=True)
class InputType:
    """The element type of a signature's input: TensorFlow's name ("float"), and NumPy's type."""

    name: str
    numpy: np.dtype


_INTEGERS = {"int32": "int32", "int16": "int32", "int8": "int32", "uint8": "int32"}
_LIMITS = {"int64": "int64", "uint32": "uint32", "uint64": "uint64", **_INTEGERS}
_FLOATS = {"float", "double"}


def tensor(value: Any, expected: InputType) -> np.ndarray:
    """A dense array of the value. Raises ServingError."""
    fast = _numbers(value, expected)
    if fast is not None:
        return fast
    shape = _shape(value)
    items: list[Any] = []
    _fill(value, 0, shape, expected, items)
    array = np.empty(len(items), dtype=expected.numpy)
    array[:] = items
    return array.reshape(shape)


def is_base64(value: Any) -> bool:
    """Recognise {"b64": "..."}, the only form of bytes."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def _numbers(value: Any, expected: InputType) -> np.ndarray | None:
    """The array of plain numbers of the right type; None for other values."""
    if not isinstance(value, list) or (expected.name not in _FLOATS and expected.name not in _LIMITS):
        return None
    try:
        found = np.array(value)
    except (ValueError, OverflowError):
        return None
    if expected.name in _FLOATS:
        return found.astype(expected.numpy) if found.dtype.kind in "if" and found.size else None
    limits = np.iinfo(_LIMITS[expected.name])
    if found.dtype.kind not in "iu" or not found.size or found.min() < limits.min or found.max() > limits.max:
        return None
    return found.astype(expected.numpy)


def _shape(value: Any) -> list[int]:
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        value = value[0] if value else None
    return shape


def _fill(value: Any, level: int, shape: list[int], expected: InputType, items: list[Any]) -> None:
    rank = len(shape)
    if not isinstance(value, list):
        if level != rank:
            raise ServingError(
                f"JSON Value: {debug_text(value)} found at incorrect level: {level + 1} in the JSON DOM. Expected at "
                f"level: {rank}"
            )
        items.append(_item(value, expected))
        return
    if level >= rank:
        raise ServingError(f"Encountered list at unexpected level: {level} expected < {rank}")
    if len(value) != shape[level]:
        raise ServingError(
            f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: {shape[level]}"
        )
    for item in value:
        _fill(item, level + 1, shape, expected, items)


def _item(value: Any, expected: InputType) -> Any:
    if isinstance(value, dict) and expected.name == "string":
        return _decoded(value)
    if expected.name == "string" and isinstance(value, str):
        return value.encode()
    if expected.name == "bool" and isinstance(value, bool):
        return value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if expected.name in _FLOATS and is_number:
        return value
    if expected.name in _LIMITS and is_number and isinstance(value, int):
        limits = np.iinfo(_LIMITS[expected.name])
        if limits.min <= value <= limits.max:
            return np.array(value).astype(expected.numpy)
    if expected.name not in {"string", "bool", *_FLOATS, *_LIMITS}:
        raise ServingError(f"Conversion of JSON Value: {debug_text(value)} to type: {expected.name}", UNIMPLEMENTED)
    raise ServingError(
        f"JSON Value: {debug_text(value)} Type: {type_name(value)} is not of expected type: {expected.name}"
    )


def _decoded(value: dict[str, Any]) -> bytes:
    if not is_base64(value):
        raise ServingError(f"JSON Value: {debug_text(value)} not formatted correctly for base64 data")
    text = value["b64"]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ServingError("Unable to base64 decode") from error
