"""JSON as TensorFlow Serving's RapidJSON writes it, where clients can see the difference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

_LONGEST_DEBUG_TEXT = 256
_INDENT = "    "


def type_name(value: Any) -> str:
    """The JSON type by RapidJSON's name."""
    if isinstance(value, bool):
        return str(value)
    names = {dict: "Object", list: "Array", str: "String", int: "Number", float: "Number"}
    return names.get(type(value), "Null")


def debug_text(value: Any) -> str:
    """The value, arrays on one line, cut after the token that reaches 256 characters."""
    text = ""
    for token in _tokens(value, ""):
        text += token
        if len(text) >= _LONGEST_DEBUG_TEXT:
            break
    return text


def _tokens(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, list):
        yield "["
        for index, item in enumerate(value):
            yield ", " if index else ""
            yield from _tokens(item, indent + _INDENT)
        yield "]"
    elif isinstance(value, dict) and value:
        inner = indent + _INDENT
        for index, (key, item) in enumerate(value.items()):
            yield f"{',' if index else '{'}\n{inner}{json.dumps(key)}: "
            yield from _tokens(item, inner)
        yield f"\n{indent}}}"
    else:
        yield json.dumps(value, ensure_ascii=False)


def decimals(values: np.ndarray) -> list[str]:
    """Write each float with six digits, or with all of its type if needed.

    Whole numbers end in ".0".
    """
    flat = values.reshape(-1)
    digits = 9 if values.dtype == np.float32 else 17
    exact = flat.astype(np.float64).tolist()
    short = [f"{value:g}" for value in exact]
    faithful = np.array(short, dtype=np.float64).astype(values.dtype) == flat
    texts = [text if same else f"{value:.{digits}g}" for text, same, value in zip(short, faithful, exact, strict=True)]
    return [_SPECIAL.get(text) or (text if "." in text or "e" in text else text + ".0") for text in texts]


_SPECIAL = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
