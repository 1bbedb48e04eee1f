"""The body of a :predict request: row format ("instances") or columnar format ("inputs")."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from sandbox.machines.model_server.tensorflow_serving.errors import ServingError
from sandbox.machines.model_server.tensorflow_serving.json_tensors import InputType, is_base64, tensor
from sandbox.machines.model_server.tensorflow_serving.rapidjson import debug_text

Inputs = Mapping[str, InputType]


class Format(enum.Enum):
    """The format of a request and its answer."""

    ROW = "instances"
    COLUMNAR = "inputs"


def parse(body: bytes) -> dict[str, Any]:
    """The request's JSON object. Raises ServingError."""
    if not body:
        raise ServingError("JSON Parse error: The document is empty")
    try:
        document = json.loads(body)
    except ValueError as error:
        offset = getattr(error, "pos", 0)
        raise ServingError(f"JSON Parse error: Invalid value. at offset: {offset}") from error
    if not isinstance(document, dict):
        raise ServingError(f"JSON Value: {debug_text(document)} Is not object")
    return document


def signature_name(document: dict[str, Any]) -> str:
    """The requested signature; empty for the default one."""
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise ServingError(
            f"JSON Value: {debug_text(document)} not formatted correctly. 'signature_name' key must be a string value."
        )
    return name


def request_format(document: dict[str, Any]) -> Format:
    """The format, row or columnar. Raises ServingError for both, neither, or no content."""
    shown = f"JSON Value: {debug_text(document)}"
    if "instances" in document and "inputs" in document:
        raise ServingError(
            f"{shown} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist "
        )
    if "inputs" in document:
        return Format.COLUMNAR
    if "instances" not in document:
        raise ServingError("Missing 'inputs' or 'instances' key")
    if not isinstance(document["instances"], list):
        raise ServingError(f"{shown} Expecting 'instances' to be an list/array")
    if not document["instances"]:
        raise ServingError(f"{shown} No values in 'instances' array")
    return Format.ROW


def columnar_tensors(value: Any, inputs: Inputs) -> dict[str, np.ndarray]:
    """The tensors of {"inputs": one value, or an object with one value for each named input}."""
    if isinstance(value, dict) and not is_base64(value):
        missing = [name for name in inputs if name not in value]
        if missing:
            raise ServingError(f"Missing named input: {missing[0]} in 'inputs' object.")
        return {name: tensor(value[name], expected) for name, expected in inputs.items()}
    if len(inputs) > 1:
        raise ServingError(
            "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
            "tensorinfo_map"
        )
    [(name, expected)] = inputs.items()
    return {name: tensor(value, expected)}
