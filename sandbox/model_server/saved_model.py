"""A SavedModel and TensorFlow Serving's JSON of its signatures.

Source: TensorFlow Serving, "RESTful API": row format (`instances`, `predictions`) and columnar format (`inputs`,
`outputs`); binary values are objects `{"b64": "..."}`.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf


class BadRequest(Exception):
    """When a request does not fit the model; the message is TensorFlow Serving's."""


class SavedModel:
    """One loaded version of a model."""

    def __init__(self, folder: Path) -> None:
        self._loaded = tf.saved_model.load(str(folder))  # the functions live as long as what they were loaded with
        self._signatures = dict(self._loaded.signatures)

    def predict(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one predict request. Raises BadRequest."""
        name = request.get("signature_name", "serving_default")
        if name not in self._signatures:
            raise BadRequest(f'Serving signature name: "{name}" not found in signature def')
        signature = self._signatures[name]
        specs = signature.structured_input_signature[1]
        if "instances" in request:
            return {"predictions": _rows(self._call(signature, specs, _columns(request["instances"], specs)))}
        if "inputs" in request:
            outputs = self._call(signature, specs, _named(request["inputs"], specs))
            values = {key: _plain(key, value) for key, value in outputs.items()}
            return {"outputs": values if len(values) > 1 else next(iter(values.values()))}
        raise BadRequest("Missing 'inputs' or 'instances' key")

    @staticmethod
    def _call(signature: Any, specs: dict[str, tf.TensorSpec], inputs: dict[str, Any]) -> dict[str, np.ndarray]:
        tensors = {name: _tensor(name, value, specs[name]) for name, value in inputs.items()}
        try:
            return {name: value.numpy() for name, value in signature(**tensors).items()}
        except (tf.errors.OpError, ValueError) as error:
            raise BadRequest(str(error).splitlines()[0]) from error


def _columns(instances: Any, specs: dict[str, tf.TensorSpec]) -> dict[str, Any]:
    """Row format to one list an input: rows are values where there is one input, else objects by input name."""
    if not isinstance(instances, list) or not instances:
        raise BadRequest("Request 'instances' must be a non-empty list")
    if isinstance(instances[0], dict) and set(instances[0]) == set(specs):
        return {name: [row[name] for row in instances] for name in specs}
    if len(specs) > 1:
        raise BadRequest(f"Every instance must be an object with the inputs {', '.join(sorted(specs))}")
    return {next(iter(specs)): instances}


def _named(inputs: Any, specs: dict[str, tf.TensorSpec]) -> dict[str, Any]:
    if isinstance(inputs, dict) and set(inputs) == set(specs):
        return inputs
    if len(specs) > 1 or (isinstance(inputs, dict) and "b64" not in inputs):
        raise BadRequest(f"Request 'inputs' must be an object with {', '.join(sorted(specs))}")
    return {next(iter(specs)): inputs}


def _tensor(name: str, value: Any, spec: tf.TensorSpec) -> tf.Tensor:
    try:
        if spec.dtype == tf.string:
            return tf.constant(_binary(value), spec.dtype)
        array = np.asarray(value)
        if not np.can_cast(array.dtype, spec.dtype.as_numpy_dtype, "same_kind") and array.dtype.kind not in "iu":
            raise TypeError(f"JSON values of type {array.dtype} are not of expected type: {spec.dtype.name}")
        return tf.constant(array, spec.dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadRequest(f"Failed to process element of input '{name}'. Error: INVALID_ARGUMENT: {error}") from error


def _binary(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["b64"], validate=True)
    if isinstance(value, list):
        return [_binary(item) for item in value]
    return value


def _plain(name: str, value: np.ndarray) -> Any:
    """JSON values of an output; strings are text, or base64 objects where the output's name ends in `_bytes`."""
    if value.dtype != object:
        return value.tolist()
    encode = (lambda item: {"b64": base64.b64encode(item).decode()}) if name.endswith("_bytes") else bytes.decode
    return np.vectorize(encode, otypes=[object])(value).tolist()


def _rows(outputs: dict[str, np.ndarray]) -> list[Any]:
    columns = {name: _plain(name, value) for name, value in outputs.items()}
    if len(columns) == 1:
        return next(iter(columns.values()))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
